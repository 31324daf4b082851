"""Money for a card that is not on it: taken and waiting for the card, or released from a card that ended.

    take        cash -> waiting     a customer paid; the drawer has it, the card does not yet
    (load)      waiting -> card     a top-up of what waits, when the card proves it (host.ledger.loads)
    give_back   waiting -> cash     it was not put on the card and is not going to be
    release     card -> elsewhere   a card ended without the card itself: lost and replaced, or paid out

Each is booked once under its reference. Bonus goes the same way in accounts of its own, and where principal
is paid out it falls back to what it came from. What a released card still did: see host.ledger.late.
"""

from typing import NamedTuple

from host.db.connection import Connection
from host.ledger import accounts, held, loads, purse, wanted
from host.ledger.books import Books
from host.ledger.chart import HOUSE, card_owner
from host.ledger.outcomes import Outcome, by_books
from host.ledger.terms import LedgerError, Transfer, Why

TAKE = wanted.TAKE
GIVE_BACK, RELEASE = "give-back", "release"


class Waiting(NamedTuple):
    """What waits for a card."""

    principal_fen: int
    bonus_fen: int

    @property
    def total_fen(self) -> int:
        """Both."""
        return self.principal_fen + self.bonus_fen


def of(connection: Connection, uid: bytes, issue: int) -> Waiting:
    """What waits for a card, and was not planned to be loaded yet."""
    owner = card_owner(uid, issue)
    found = [accounts.find(connection, owner, kind) for kind in ("waiting", "waiting-bonus")]
    return Waiting(*(0 if number is None else accounts.balance(connection, number) for number in found))


def take(
    books: Books,
    uid: bytes,
    issue: int,
    amount_fen: int,
    cash_of: str,
    who: str,
    reference: str,
    bonus_fen: int = 0,
) -> int:
    """A customer paid for a card: into the cash of `cash_of`. The transaction; AlreadyBooked."""
    owner = card_owner(uid, issue)
    transfers = [Transfer(books.open_(cash_of, "cash"), books.open_(owner, "waiting"), amount_fen)]
    if bonus_fen:
        given = books.open_(HOUSE, "given")
        transfers.append(Transfer(given, books.open_(owner, "waiting-bonus"), bonus_fen))
    number = books.post(Why(TAKE, reference, who, books.booked_s), transfers)
    wanted.changed(books.connection)
    return number


def is_booked(connection: Connection, kind: str, reference: str) -> bool:
    """Is this kind and reference in the books?"""
    sql = "SELECT 1 FROM transactions WHERE kind = ? AND reference = ?"
    return connection.execute(sql, (kind, reference)).fetchone() is not None


def taken_for(connection: Connection, reference: str) -> str | None:
    """The owner of the account that a customer's cash went to under this reference; None: none was taken."""
    row = connection.execute(
        "SELECT a.owner FROM transactions t JOIN transfers e ON e.id = t.first_transfer"
        " AND e.transaction_id = t.id JOIN accounts a ON a.id = e.credit_id"
        " WHERE t.kind IN (?, ?) AND t.reference = ?",
        (TAKE, held.LOAD, reference),
    ).fetchone()
    return None if row is None else str(row["owner"])


def give_back(books: Books, uid: bytes, issue: int, cash_of: str, who: str, reference: str) -> Waiting:
    """All that waits for a card goes back to the customer, out of this cash. What it was; AlreadyBooked.

    LedgerError while a top-up's commit may have been sent: it could be on the card all the same.
    """
    why = Why(GIVE_BACK, reference, who, books.booked_s)
    books.must_be_new(why)
    _nothing_sent(books, uid, issue)
    owner = card_owner(uid, issue)
    found = Waiting(
        *(books.account(books.open_(owner, kind)).balance for kind in ("waiting", "waiting-bonus"))
    )
    if not found.total_fen:
        raise LedgerError("nothing waits for this card")
    transfers = []
    if found.principal_fen:
        cash = books.open_(cash_of, "cash")
        transfers.append(Transfer(books.open_(owner, "waiting"), cash, found.principal_fen))
    if found.bonus_fen:
        given = books.open_(HOUSE, "given")
        transfers.append(Transfer(books.open_(owner, "waiting-bonus"), given, found.bonus_fen))
    books.post(why, transfers)
    wanted.changed(books.connection)
    return found


def keep(books: Books, uid: bytes, issue: int, who: str) -> None:
    """Of a card that nobody will see again every top-up whose answer was lost is decided: posted when the
    books tell that it is on the card; else voided, and what was paid and given for it waits in these
    accounts. The card must be on the hotlist."""
    for number, move in loads.pending_loads(books.connection, uid, issue):
        purse.open_(books, uid, issue, known=True)  # from here on no other worker books a sale of it
        books.flush()
        if by_books(books.connection, move) is Outcome.COMMITTED:
            loads.post_load(books, number, move, who)
            continue
        planned = books.connection.execute(
            "SELECT debit_id, amount FROM plans WHERE transaction_id = ? ORDER BY place", (number,)
        ).fetchall()
        loads.void_load(books, number, who)
        owner, places = card_owner(uid, issue), {"cash": "waiting", "given": "waiting-bonus"}
        transfers = [
            Transfer(row["debit_id"], books.open_(owner, places[kind]), row["amount"])
            for row in planned
            if (kind := books.account(row["debit_id"]).kind) in places
        ]
        if transfers:
            books.post(Why(TAKE, f"transaction:{number}", who, books.booked_s), transfers)


def release(
    books: Books,
    uid: bytes,
    issue: int,
    to: tuple[str, str],
    who: str,
    to_bonus: tuple[str, str] | None = None,
) -> Waiting:
    """A card that ended: all it has, and all that waits for it, goes to the account (owner, kind) `to`; its
    bonus to `to_bonus`, None: back to where it came from. Once; AlreadyBooked. The card is on the hotlist.

    A shadow below zero has nothing to give.
    """
    reference = f"{uid.hex().upper()}.{issue}"
    why = Why(RELEASE, reference, who, books.booked_s)
    books.must_be_new(why)
    keep(books, uid, issue, who)
    loads.spend_bonus(books, uid, issue, who)
    to_bonus = to_bonus or (HOUSE, "given")
    places = {"card": to, "account": to, "waiting": to, "bonus": to_bonus, "waiting-bonus": to_bonus}
    found = {kind: accounts.find(books.connection, card_owner(uid, issue), kind) for kind in places}
    parts = [(number, places[kind]) for kind, number in found.items() if number is not None]
    transfers = [
        Transfer(number, books.open_(*target), books.account(number).balance)
        for number, target in parts
        if books.account(number).balance > 0
    ]
    if transfers:
        books.post(why, transfers)
        wanted.changed(books.connection)
    moved = {
        target: sum(t.amount for t in transfers if t.credit == books.open_(*target))
        for target in (to, to_bonus)
    }
    return Waiting(moved[to], moved[to_bonus])


def released(connection: Connection, uid: bytes, issue: int) -> bool:
    """Has a card's value gone elsewhere? Where there was none, its end alone says so."""
    sql = "SELECT 1 FROM card_ends WHERE uid = ? AND issue = ?"
    return (
        is_booked(connection, RELEASE, f"{uid.hex().upper()}.{issue}")
        or connection.execute(sql, (uid, issue)).fetchone() is not None
    )


def _nothing_sent(books: Books, uid: bytes, issue: int) -> None:
    books.flush()
    if loads.pending_loads(books.connection, uid, issue):
        raise LedgerError("a top-up of this card may be on it already: read the card first")
