"""Payments that a kiosk asks for: decided once for a number, and undone once when the kiosk reverses them.

Request and reversal may arrive in any order, and through different processes. Both lock the kiosk's row, so
one of them is first. A reversal that is first leaves its report under the number, and the request that comes
later finds it there; a request that is first leaves its payment, and the reversal undoes it.
"""

import hashlib
from typing import Any, NamedTuple

from host import alarms
from host.cards import hotlist, registry
from host.cards.payers import NotPaying, Payers
from host.cards.registry import Card
from host.db.connection import Connection
from host.db.engine import Database
from host.ledger import accounts, corrections, held, waiting
from host.ledger.books import Books, book
from host.ledger.chart import kiosk_owner
from host.ledger.terms import LedgerError, Overdraft, Transfer, Why
from host.terminals.fleet import locked
from host.terminals.fleet.kiosks import Kiosk
from host.terminals.relay import proving
from host.terminals.relay.session import Session
from host.terminals.reported.report import Report
from host.terminals.reported.work import Answer, Work
from protocol.wire import cbor, online
from protocol.wire.messages import BOOKED, FLAGGED

PAYMENT = "payment"
KINDS = {online.ACCOUNT: registry.ACCOUNT, online.PLAIN: registry.PLAIN}


class Decision(NamedTuple):
    """reason: '' when it was paid, else a word for the kiosk's screen."""

    reason: str
    amount_fen: int
    balance_fen: int


class Request(NamedTuple):
    """A request to pay, by its kiosk's number; digest: of what it asks."""

    kiosk: Kiosk
    epoch: int
    counter: int
    card: int
    uid: bytes
    amount_fen: int
    pin: str | None = None

    @property
    def digest(self) -> bytes:
        """The same for the same number asked again, whatever the connection."""
        return hashlib.sha256(cbor.encode([self.card, self.uid, self.amount_fen])).digest()

    @property
    def name(self) -> str:
        """K1 1.7"""
        return f"{self.kiosk.name} {self.epoch}.{self.counter}"


def is_in(connection: Connection, table: str, request: Request) -> bool:
    """Does a table (reports, payments, entries) hold something under this number?"""
    sql = f"SELECT 1 FROM {table} WHERE kiosk = ? AND epoch = ? AND counter = ?"
    number = (request.kiosk.number, request.epoch, request.counter)
    return connection.execute(sql, number).fetchone() is not None


class Payments:
    """Decides over the books; payers: by kind of card."""

    def __init__(self, database: Database, payers: Payers) -> None:
        self._database = database
        self._payers = payers

    def decide(self, request: Request, session: Session) -> Decision:
        """Once for this number. One of host.db.connection.faults(): nothing was decided."""
        with self._database.read() as connection:
            known = _known(connection, request)
            card = registry.newest(connection, request.uid)
        if known is not None:
            return self._checked(request, *known)
        reason = self._prove(request, card, session)
        with book(self._database) as books:
            connection = books.connection
            locked.kiosks(connection, [request.kiosk.number])  # the reversal may be at another worker's
            known = _known(connection, request)
            if known is None:
                number = None
                try:
                    if not reason:
                        number = self._book(books, request, card)
                except NotPaying as refusal:
                    reason = refusal.reason
                return _keep(books, request, card, reason, number)
        return self._checked(request, *known)

    def _prove(self, request: Request, card: Card | None, session: Session) -> str:
        """Why the card that lies there can't pay; '' when it is the one, and can."""
        known = {kind: payer.prove for kind, payer in self._payers.items()}
        is_one = card is not None and card.kind == KINDS.get(request.card)
        return proving.refusal(known, card if is_one else None, session)

    def _book(self, books: Books, request: Request, card: Card | None) -> int:
        """NotPaying when the card may not."""
        connection = books.connection
        current = None if card is None else registry.find(connection, card.uid, card.issue)
        if current is None or current.state != "active" or hotlist.holds(connection, request.uid):
            raise NotPaying("hot")
        if is_in(connection, "reports", request):
            raise NotPaying("reversed")
        payer = self._payers[current.kind]
        payer.admit(connection, current, request.amount_fen, request.pin, books.booked_s)
        who = kiosk_owner(request.kiosk.name)
        held_by = held.open_(books, current.uid, current.issue)
        why = Why(PAYMENT, request.name, who, books.booked_s, kiosk=request.kiosk.name)
        try:
            return books.post(why, [Transfer(held_by, books.open_(who, "sales"), request.amount_fen)])
        except Overdraft:
            raise NotPaying("low") from None

    def _checked(self, request: Request, digest: bytes, decision: Decision) -> Decision:
        if digest == request.digest:
            return decision
        with self._database.write() as connection:
            sentence = f"{request.name} was asked a second time for another payment."
            alarms.raise_once(connection, "number-reused", request.kiosk.name, sentence)
        return Decision("reused", 0, 0)


def _known(connection: Connection, request: Request) -> tuple[bytes, Decision] | None:
    row = connection.execute(
        "SELECT sha256, reason, amount_fen, balance_fen FROM payments"
        " WHERE kiosk = ? AND epoch = ? AND counter = ?",
        (request.kiosk.number, request.epoch, request.counter),
    ).fetchone()
    if row is not None:
        return bytes(row[0]), Decision(row[1], row[2] if not row[1] else 0, row[3])
    # or a reversal could not undo both
    return (b"", Decision("reused", 0, 0)) if is_in(connection, "entries", request) else None


def _keep(books: Books, request: Request, card: Card | None, reason: str, number: int | None) -> Decision:
    books.flush()
    issue, balance_fen = None, 0
    if card is not None:
        issue = card.issue
        balance_fen = accounts.card_balance(books.connection, card.uid, issue) or 0
    books.connection.insert(
        "payments",
        "kiosk, epoch, counter, sha256, uid, issue, amount_fen, reason, balance_fen, transaction_id, at_s",
        [
            (
                *(request.kiosk.number, request.epoch, request.counter, request.digest, request.uid, issue),
                *(request.amount_fen, reason, balance_fen, number, books.booked_s),
            )
        ],
    )
    return Decision(reason, 0 if reason else request.amount_fen, balance_fen)


def ended(work: Work, report: Report) -> Answer:
    """A kiosk says that it showed a payment as paid (taken), or that nothing was taken (reversal)."""
    work.flush()
    values: dict[str, Any] = report.values
    row = work.connection.execute(
        "SELECT uid, issue, amount_fen, transaction_id FROM payments"
        " WHERE kiosk = ? AND epoch = ? AND counter = ?",
        (report.kiosk.number, report.epoch, report.counter),
    ).fetchone()
    paid = row is not None and row["transaction_id"] is not None
    same = row is None or (bytes(row["uid"]), row["amount_fen"]) == (values["uid"], values["amount_fen"])
    if report.kind == online.TAKEN:
        return Answer(BOOKED, 0, row["transaction_id"]) if paid and same else _odd(work, report)
    if not paid:
        return Answer(BOOKED, 0)
    try:
        number = corrections.reverse(work.books, row["transaction_id"], kiosk_owner(report.kiosk.name))
    except LedgerError as error:
        return _odd(work, report, str(error))
    card = registry.newest(work.connection, bytes(row["uid"]))
    if card is not None and waiting.released(work.connection, card.uid, row["issue"]):
        sentence = f"{report.name} was undone after card {card.uid_hex} was paid out: its holder is owed it."
        alarms.raise_once(work.connection, "reversal-late", report.name, sentence)
    return Answer(BOOKED if same else FLAGGED, 0, number)


def _odd(work: Work, report: Report, why: str = "") -> Answer:
    sentence = f"{report.name} says that a card paid online, and nobody decided so{why and ': ' + why}."
    alarms.raise_once(work.connection, "payment-unknown", report.kiosk.name, sentence)
    return Answer(FLAGGED, 0)
