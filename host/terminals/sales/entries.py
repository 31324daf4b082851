"""A card at a door: may it enter? Decided once for the request's number, and undone once when reversed.

As with payments, request and reversal lock the kiosk's row, so one of them is first.
The visit is given back when the kiosk heard no answer.
"""

import hashlib
from typing import NamedTuple

from host import alarms
from host.cards import hotlist, passes, registry
from host.cards.passes import Pass
from host.cards.registry import Card
from host.db.connection import Connection
from host.db.engine import Database
from host.ledger import lots
from host.ledger.books import Books, book
from host.ledger.chart import kiosk_owner
from host.ledger.terms import AlreadyBooked, Why
from host.terminals.fleet import configs, locked
from host.terminals.relay import proving
from host.terminals.relay.proving import Provers
from host.terminals.relay.session import Session
from host.terminals.reported.report import Report
from host.terminals.reported.work import Answer, Work
from host.terminals.sales.payments import Request, is_in
from protocol.wire import cbor, online
from protocol.wire.messages import BOOKED

ENTRY, BACK = "entry", "entry-back"


class Entry(NamedTuple):
    """reason: '' when the door opens, else a word for its screen. left: None of a period."""

    reason: str
    left: int | None = None
    until_s: int | None = None


class Entries:
    """Decides over the books; provers: of every kind of card: a UID alone opens for plain ones only."""

    def __init__(self, database: Database, provers: Provers) -> None:
        self._database, self._provers = database, provers

    def decide(self, request: Request, session: Session) -> Entry:
        """Once for this number. One of host.db.connection.faults(): nothing was decided."""
        with self._database.read() as connection:
            known = _known(connection, request)
            card = registry.newest(connection, request.uid)
        if known is not None:
            return known
        is_one = card is not None and (card.kind == registry.PLAIN) == (request.card == online.PLAIN)
        reason = proving.refusal(self._provers, card if is_one else None, session)
        with book(self._database) as books:
            connection = books.connection
            locked.kiosks(connection, [request.kiosk.number])  # the reversal may be at another worker's
            known = _known(connection, request)
            if known is not None:
                return known
            reason = reason or _refusal(connection, request, card)
            if reason or card is None:
                return _keep(books, request, None, Entry(reason or "unknown"), None)
            found = passes.of_card(connection, card.uid, card.issue)
            return _enter(books, request, [one for one in found if one.ended_s is None])


def _refusal(connection: Connection, request: Request, card: Card | None) -> str:
    current = None if card is None else registry.find(connection, card.uid, card.issue)
    if current is None or current.state != "active" or hotlist.holds(connection, request.uid):
        return "hot"
    return "reversed" if is_in(connection, "reports", request) else ""


def _enter(books: Books, request: Request, found: list[Pass]) -> Entry:
    """By the pass that costs nothing now, else by the one that ends first and has a visit left."""
    connection, now_s = books.connection, books.booked_s
    minute = configs.local_s(connection, request.kiosk.number, now_s) // 60 % passes.DAY_MIN
    valid = [one for one in found if one.until_s is None or one.until_s > now_s]
    now = [one for one in valid if one.is_open(minute)]
    passes.lock(books, now)
    for one in now:
        if not one.visits or _was_here(connection, one, now_s):
            left = passes.left(connection, one.id) if one.visits else None
            return _keep(books, request, one, Entry("", left, one.until_s), None)
    for one in now:
        account = passes.account(books, one.id)
        left = lots.spendable(connection, account, now_s)
        if left:
            why = Why(ENTRY, request.name, kiosk_owner(request.kiosk.name), now_s, kiosk=request.kiosk.name)
            number = lots.spend(books, why, account, 1)
            return _keep(books, request, one, Entry("", left - 1, one.until_s), number)
    reason = "used" if now else "off_hours" if valid else "expired" if found else "no_pass"
    return _keep(books, request, None, Entry(reason), None)


def _was_here(connection: Connection, one: Pass, now_s: int) -> bool:
    """Did a visit of this pass begin a moment ago, and was it not undone?"""
    row = connection.execute(
        "SELECT 1 FROM entries e WHERE e.pass_id = ? AND e.transaction_id IS NOT NULL AND e.at_s > ?"
        " AND NOT EXISTS (SELECT 1 FROM reports r WHERE r.kiosk = e.kiosk AND r.epoch = e.epoch"
        f" AND r.counter = e.counter AND r.kind = {online.REVERSAL}) LIMIT 1",
        (one.id, now_s - 60 * one.again_min),
    ).fetchone()
    return row is not None


def _digest(request: Request) -> bytes:
    return hashlib.sha256(cbor.encode([ENTRY, request.card, request.uid])).digest()


def _known(connection: Connection, request: Request) -> Entry | None:
    row = connection.execute(
        "SELECT sha256, reason, visits_left, until_s FROM entries"
        " WHERE kiosk = ? AND epoch = ? AND counter = ?",
        (request.kiosk.number, request.epoch, request.counter),
    ).fetchone()
    if row is not None:
        return Entry(*row[1:]) if bytes(row[0]) == _digest(request) else Entry("reused")
    # or a reversal could not undo both
    return Entry("reused") if is_in(connection, "payments", request) else None


def _keep(books: Books, request: Request, one: Pass | None, entry: Entry, number: int | None) -> Entry:
    books.flush()
    books.connection.insert(
        "entries",
        "kiosk, epoch, counter, sha256, uid, pass_id, reason, visits_left, until_s, transaction_id, at_s",
        [
            (
                *(request.kiosk.number, request.epoch, request.counter, _digest(request), request.uid),
                *(None if one is None else one.id, *entry, number, books.booked_s),
            )
        ],
    )
    return entry


def ended(work: Work, report: Report) -> Answer | None:
    """A door says that it opened (taken), or did not (reversal). None: no such entry was decided."""
    row = work.connection.execute(
        "SELECT e.uid, e.pass_id, e.transaction_id, p.until_s, b.act FROM entries e"
        " LEFT JOIN passes p ON p.id = e.pass_id LEFT JOIN pass_ends b ON b.pass_id = e.pass_id"
        " WHERE e.kiosk = ? AND e.epoch = ? AND e.counter = ?",
        (report.kiosk.number, report.epoch, report.counter),
    ).fetchone()
    if row is None:
        return None
    if report.kind == online.TAKEN and (row["pass_id"] is None or bytes(row["uid"]) != report.values["uid"]):
        return None
    if report.kind == online.TAKEN or row["transaction_id"] is None:
        return Answer(BOOKED, 0, row["transaction_id"])
    who = kiosk_owner(report.kiosk.name)
    why = Why(BACK, report.name, who, work.books.booked_s, kiosk=report.kiosk.name)
    try:
        account = passes.account(work.books, row["pass_id"])
        number = lots.earn(work.books, why, account, 1, row["until_s"])
    except AlreadyBooked:  # a report comes once; this is for whoever reverses by hand
        return Answer(BOOKED, 0)
    if row["act"] is not None:
        sentence = (
            f"{report.name} did not open, and its visit is back on pass {row['pass_id']}, which act"
            f" {row['act']} had taken back: what that paid lacks this visit."
        )
        alarms.raise_(work.connection, "pass-visit-late", f"pass {row['pass_id']}", sentence)
    return Answer(BOOKED, 0, number)
