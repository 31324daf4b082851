"""A card at a door: may it enter? Decided once for the request's number, and undone once when reversed.

As with payments, request and reversal lock the kiosk's row, so one of them is first.
The visit is given back when the kiosk heard no answer.
"""

import hashlib

from host import alarms
from host.cards import hotlist, passes, registry, stays
from host.cards.registry import Card
from host.db.connection import Connection, Row
from host.db.engine import Database
from host.ledger import lots
from host.ledger.books import Books, book
from host.ledger.chart import kiosk_owner
from host.ledger.terms import AlreadyBooked, Why
from host.terminals.fleet import locked
from host.terminals.relay import proving
from host.terminals.relay.proving import Provers
from host.terminals.relay.session import Session
from host.terminals.reported.report import Report
from host.terminals.reported.work import Answer, Work
from host.terminals.sales import doors
from host.terminals.sales.doors import ENTRY, Entry
from host.terminals.sales.payments import Request, is_in
from protocol.wire import cbor, online
from protocol.wire.messages import BOOKED

BACK = "entry-back"


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
                return _keep(books, request, (Entry(reason or "unknown"), None, None))
            return _keep(books, request, doors.open_(books, request, card))


def _refusal(connection: Connection, request: Request, card: Card | None) -> str:
    current = None if card is None else registry.find(connection, card.uid, card.issue)
    if current is None or current.state != "active" or hotlist.holds(connection, request.uid):
        return "hot"
    return "reversed" if is_in(connection, "reports", request) else ""


def _digest(request: Request) -> bytes:
    return hashlib.sha256(cbor.encode([ENTRY, request.card, request.uid])).digest()


def _known(connection: Connection, request: Request) -> Entry | None:
    row = connection.execute(
        "SELECT e.sha256, e.reason, e.amount_left, e.until_s, t.stay_id, t.used_min FROM entries e"
        " LEFT JOIN stay_taps t ON t.kiosk = e.kiosk AND t.epoch = e.epoch AND t.counter = e.counter"
        " WHERE e.kiosk = ? AND e.epoch = ? AND e.counter = ?",
        (request.kiosk.number, request.epoch, request.counter),
    ).fetchone()
    if row is not None:
        return Entry(*row[1:]) if bytes(row[0]) == _digest(request) else Entry("reused")
    # or a reversal could not undo both
    return Entry("reused") if is_in(connection, "payments", request) else None


def _keep(books: Books, request: Request, opened: doors.Opened) -> Entry:
    entry, one, number = opened
    books.flush()
    tap = (request.kiosk.number, request.epoch, request.counter)
    books.connection.insert(
        "entries",
        "kiosk, epoch, counter, sha256, uid, pass_id, reason, amount_left, until_s, transaction_id, at_s",
        [
            (
                *(*tap, _digest(request), request.uid, None if one is None else one.id),
                *(entry.reason, entry.left, entry.until_s, number, books.booked_s),
            )
        ],
    )
    if entry.stay is not None:
        row = (*tap, entry.stay, entry.used_min)
        books.connection.insert("stay_taps", "kiosk, epoch, counter, stay_id, used_min", [row])
    return entry


def ended(work: Work, report: Report) -> Answer | None:
    """A door says that it opened (taken), or did not (reversal). None: no such entry was decided."""
    row = work.connection.execute(
        "SELECT e.uid, e.pass_id, e.transaction_id, p.until_s, b.act, t.stay_id FROM entries e"
        " LEFT JOIN passes p ON p.id = e.pass_id LEFT JOIN pass_ends b ON b.pass_id = e.pass_id"
        " LEFT JOIN stay_taps t ON t.kiosk = e.kiosk AND t.epoch = e.epoch AND t.counter = e.counter"
        " WHERE e.kiosk = ? AND e.epoch = ? AND e.counter = ?",
        (report.kiosk.number, report.epoch, report.counter),
    ).fetchone()
    if row is None:
        return None
    if report.kind == online.TAKEN and (row["pass_id"] is None or bytes(row["uid"]) != report.values["uid"]):
        return None
    if report.kind == online.TAKEN:
        return Answer(BOOKED, 0, row["transaction_id"])
    if row["stay_id"] is not None:
        _undo_tap(work, report, row["stay_id"])
    if row["transaction_id"] is None:
        return Answer(BOOKED, 0)
    return _give_back(work, report, row)


def _give_back(work: Work, report: Report, row: Row) -> Answer:
    """The visit that an entry took."""
    who = kiosk_owner(report.kiosk.name)
    why = Why(BACK, report.name, who, work.books.booked_s, kiosk=report.kiosk.name)
    try:
        account = passes.account(work.books, row["pass_id"], passes.VISITS)
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


def _undo_tap(work: Work, report: Report, number: int) -> None:
    """Nobody came in, or went out, by this tap: unless another tap stands that did, or more has followed."""
    work.flush()  # reversals of this batch, too
    books, connection, tap = work.books, work.connection, (report.kiosk.number, report.epoch, report.counter)
    card = passes.holder(connection, stays.find(connection, number).pass_id)
    found = passes.locked(books, card.uid, card.issue)
    stay = stays.find(connection, number)  # as it is after the wait
    (one,) = [one for one in found if one.id == stay.pass_id]
    taps = connection.execute(
        f"SELECT e.kiosk, e.epoch, e.counter, e.used_min, {doors.STANDS} AS stands FROM stay_taps e"
        " WHERE e.stay_id = ?",
        (number,),
    ).fetchall()
    went_out = next(each["used_min"] for each in taps if tuple(each)[:3] == tap) is not None
    outs = [each["used_min"] is not None for each in taps if tuple(each)[:3] != tap and each["stands"]]
    if went_out in outs:
        return
    who = kiosk_owner(report.kiosk.name)
    of_it = stays.OUT if went_out else stays.LIMIT  # a stay of nobody runs to its most
    if stay.what == of_it and stays.newest(connection, found) == stay and one.ended_s is None:
        stays.back(books, one, stay, who, report.kiosk.name)
        stay = stays.find(connection, number)
    if stay.goes_on and False not in outs:
        stays.void(books, stay, who)
