"""A card that is loaded, spent at K1, and released to a drawer or another card."""

from host.db.engine import Database
from host.ledger import loads, purse, waiting
from host.ledger.books import Books
from host.ledger.purse import CardMove
from host.ledger.waiting import Waiting
from tests.host.ledger.entered import ANN, BOB, ISSUE, UID

NEW = "card:0499999999AABB:1"
NAME = "04A1B2C3D4E5F6.3"


def load(books: Books, principal_fen: int, bonus_fen: int = 0) -> None:
    """The card's first move."""
    move = CardMove(UID, ISSUE, 1, principal_fen + bonus_fen, principal_fen + bonus_fen)
    loads.post_load(books, loads.plan_load(books, move, ANN, 5, bonus_fen), move, ANN)


def sell(books: Books, tmc: int, price_fen: int, left_fen: int = 0) -> purse.Purse:
    found = purse.open_(books, UID, ISSUE, known=True)
    purse.book_sale(books, "sale", found, CardMove(UID, ISSUE, tmc, -price_fen, left_fen), "K1", 5)
    return found


def release(books: Books, to: tuple[str, str] = ("shift:7", "cash")) -> Waiting:
    return waiting.release(books, UID, ISSUE, to, BOB)


def balances(database: Database) -> dict[str, int]:
    sql = "SELECT owner, kind, balance FROM accounts WHERE balance <> 0"
    with database.read() as connection:
        return {f"{owner} {kind}": balance for owner, kind, balance in connection.execute(sql)}
