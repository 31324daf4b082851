"""What purse cards are given, top-ups and refunds, and what is taken off them to be paid out: planned, posted
when the card has proved it, or voided.

A refund (kind "refund") gives the card's last sale back, all or part of it: from the income it was to the
accounts that paid it, the last first. Both wait as rows of card_loads, so of a card one is open at a time.
"""

from collections.abc import Callable

from host.db.connection import Connection
from host.ledger import accounts, wanted
from host.ledger.asked import transfers_of
from host.ledger.books import Books
from host.ledger.chart import HOUSE, card_owner, kiosk_owner
from host.ledger.corrections import place
from host.ledger.purse import TO_THE_FIRST, CardMove, find, is_booked, moved, open_, take
from host.ledger.terms import POSTED, VOIDED, AlreadyBooked, LedgerError, Purse, Transfer, Why

LOAD, REFUND, PAYOUT, SPENT = "load", "refund", "payout", "bonus-spent"


def plan_load(books: Books, move: CardMove, who: str, at_s: int, bonus_fen: int = 0) -> int:
    """Cash taken for a top-up whose commit is about to be sent: cash -> card, pending. Its id.

    bonus_fen: how much of the change is given and not paid; at most all of it.
    """
    return _plan_top_up(books, move, who, at_s, bonus_fen, (HOUSE, "cash"), (HOUSE, "given"))


def plan_collection(books: Books, move: CardMove, who: str, principal_fen: int) -> int:
    """The same of what waits for this card (host.ledger.waiting): what was paid first, then what was given.

    While it is pending the money stays where it waits; nobody may give it back meanwhile.
    """
    owner, bonus_fen = card_owner(move.uid, move.issue), max(0, move.change_fen - principal_fen)
    waits = (owner, "waiting"), (owner, "waiting-bonus")
    return _plan_top_up(books, move, who, books.booked_s, bonus_fen, *waits)


def _plan_top_up(
    books: Books,
    move: CardMove,
    who: str,
    at_s: int,
    bonus_fen: int,
    paid_from: tuple[str, str],
    given_from: tuple[str, str],
) -> int:
    purse = open_(books, move.uid, move.issue, known=True)
    transfers = []
    if move.change_fen - bonus_fen:
        paid = books.open_(*paid_from)
        transfers.append(Transfer(paid, purse.account_id, move.change_fen - bonus_fen))
    if bonus_fen:
        given = books.open_(*given_from)
        transfers.append(Transfer(given, _bonus(books, purse), bonus_fen))
    return _plan(books, LOAD, move, who, at_s, transfers)


def plan_refund(books: Books, move: CardMove, sale: int, who: str, at_s: int) -> int:
    """The card's last sale, this transaction, is about to be given back: sales -> card, pending. Its id.

    LedgerError unless it is the card's last move and took as much.
    """
    books.flush()
    connection = books.connection
    last = moved(connection, move.uid, move.issue, move.tmc - 1, TO_THE_FIRST)
    kiosk = None if last is None or last[0] != sale else place(connection, *last).kiosk
    if last is None or kiosk is None:  # no kiosk: a top-up or a payout
        raise LedgerError(f"transaction {sale} is not the last move of the card, or no sale")
    if move.change_fen > -last[1].change_fen:
        raise LedgerError(f"transaction {sale} took {-last[1].change_fen}, {move.change_fen} is asked back")
    earned, left, transfers = books.open_(kiosk_owner(kiosk), "sales"), move.change_fen, []
    for paid in reversed(transfers_of(connection, sale, _first_of(connection, sale))):
        part = min(left, paid.amount)
        if part:
            transfers.append(Transfer(earned, paid.debit, part))
            left -= part
    return _plan(books, REFUND, move, who, at_s, transfers)


def plan_payout(books: Books, move: CardMove, till: Callable[[int], str], who: str) -> int:
    """All that a card holds is about to be taken off it: principal -> the cash of whom till(principal) names,
    bonus -> where it came from; pending. Its id. LedgerError when the books hold something else on it."""
    purse = open_(books, move.uid, move.issue, known=True)
    principal_fen = books.account(purse.account_id).balance
    bonus_fen = 0 if purse.bonus_id is None else books.account(purse.bonus_id).balance
    if move.value_after_fen or principal_fen < 0 or principal_fen + bonus_fen != -move.change_fen:
        raise LedgerError(f"the books hold {principal_fen} and {bonus_fen} fen on the card")
    transfers = []
    if principal_fen:
        transfers.append(Transfer(purse.account_id, books.open_(till(principal_fen), "cash"), principal_fen))
    if purse.bonus_id is not None and bonus_fen:
        transfers.append(Transfer(purse.bonus_id, books.open_(HOUSE, "given"), bonus_fen))
    return _plan(books, PAYOUT, move, who, books.booked_s, transfers)


def paid_out_fen(connection: Connection, uid: bytes, issue: int) -> int:
    """How much principal was taken off a card and paid out."""
    row = connection.execute(
        "SELECT CAST(coalesce(sum(e.amount), 0) AS BIGINT) AS n FROM card_loads l"
        " JOIN transactions t ON t.ends = l.transaction_id AND t.state = 'posted'"
        " JOIN transfers e ON e.id BETWEEN t.first_transfer AND t.first_transfer + 1"
        " AND e.transaction_id = t.id JOIN accounts a ON a.id = e.credit_id AND a.kind = 'cash'"
        " WHERE l.uid = ? AND l.issue = ? AND l.amount_fen < 0",
        (uid, issue),
    ).fetchone()
    return int(row["n"])


def _first_of(connection: Connection, sale: int) -> int:
    row = connection.execute("SELECT first_transfer FROM transactions WHERE id = ?", (sale,)).fetchone()
    return int(row["first_transfer"])


def _plan(books: Books, kind: str, move: CardMove, who: str, at_s: int, transfers: list[Transfer]) -> int:
    connection = books.connection
    attempts = connection.execute(
        "SELECT count(*) AS n FROM card_loads WHERE uid = ? AND issue = ?", (move.uid, move.issue)
    ).fetchone()["n"]
    number = books.plan(Why(kind, f"{move.reference}.{attempts + 1}", who, at_s), transfers)
    books.flush()
    connection.execute(
        "INSERT INTO card_loads (transaction_id, uid, issue, tmc, amount_fen, value_after_fen)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (number, move.uid, move.issue, move.tmc, move.change_fen, move.value_after_fen),
    )
    wanted.opened(connection, number, move.uid, move.issue)
    return number


def _bonus(books: Books, purse: Purse) -> int:
    if purse.bonus_id is None:
        purse.bonus_id = books.open_(card_owner(purse.uid, purse.issue), "bonus")
        books.connection.execute(
            "UPDATE purses SET bonus_id = ? WHERE account_id = ?", (purse.bonus_id, purse.account_id)
        )
    return purse.bonus_id


def post_load(books: Books, transaction_id: int, move: CardMove, who: str) -> None:
    """The card proved the top-up: post it and take its counter into the books. LedgerError, AlreadyBooked."""
    purse = open_(books, move.uid, move.issue, known=True)
    if is_booked(books.connection, purse, move.tmc):
        raise AlreadyBooked(f"the books hold {move.reference}")
    kind = kind_of(books.connection, transaction_id)
    why = Why(
        *(kind, None, who, books.booked_s, None, purse.account_id, move.tmc, move.change_fen),
        *(move.value_after_fen, purse.last_move),
    )
    purse.last_move = books.end(transaction_id, POSTED, why)
    wanted.ended(books.connection, transaction_id)
    take(books, purse, move.tmc, move.value_after_fen)


def spend_bonus(books: Books, uid: bytes, issue: int, who: str) -> None:
    """Of a card that ended: a sale that was told before the top-up it was paid from left principal below
    zero, though it took bonus too. While a card lives that sale could yet be given back."""
    number = find(books.connection, uid, issue)
    bonus = accounts.find(books.connection, card_owner(uid, issue), "bonus")
    if number is None or bonus is None:
        return
    part = min(-books.account(number).balance, books.account(bonus).balance)
    if part > 0:
        why = Why(SPENT, f"{uid.hex().upper()}.{issue}", who, books.booked_s)
        books.post(why, [Transfer(bonus, number, part)])


def void_load(books: Books, transaction_id: int, who: str) -> None:
    """The card did not commit the top-up and never will. LedgerError."""
    kind = kind_of(books.connection, transaction_id)
    books.end(transaction_id, VOIDED, Why(kind, None, who, books.booked_s))
    wanted.ended(books.connection, transaction_id)


def kind_of(connection: Connection, transaction_id: int) -> str:
    """LOAD, REFUND or PAYOUT."""
    row = connection.execute("SELECT kind FROM transactions WHERE id = ?", (transaction_id,)).fetchone()
    return LOAD if row is None else str(row["kind"])  # none: ending it says what is wrong


def pending_loads(connection: Connection, uid: bytes, issue: int) -> list[tuple[int, CardMove]]:
    """Those of which nobody knows yet whether the card committed them: [(transaction id, move)]."""
    rows = connection.execute(
        "SELECT l.transaction_id, l.tmc, l.amount_fen, l.value_after_fen FROM open_loads o"
        " JOIN card_loads l ON l.transaction_id = o.transaction_id WHERE o.uid = ? AND o.issue = ?"
        " ORDER BY l.transaction_id",
        (uid, issue),
    )
    return [
        (row["transaction_id"], CardMove(uid, issue, row["tmc"], row["amount_fen"], row["value_after_fen"]))
        for row in rows
    ]
