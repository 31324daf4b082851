"""What purse cards do, as the books are told, and what the books then hold."""

from host.db.engine import Database
from host.ledger import loads, purse
from host.ledger.books import Books
from host.ledger.purse import CardMove
from host.ledger.terms import Purse

DESK = "operator:desk"
UID, OTHER = bytes.fromhex("04010203040506"), bytes.fromhex("04AAAAAAAAAAAA")
OWNER = "card:04010203040506:1"


def open_(books: Books, known: bool = True) -> Purse:
    return purse.open_(books, UID, 1, known)


def sell(books: Books, tmc: int, price: int = 100, value: int = 0, uid: bytes = UID, issue: int = 1) -> int:
    move = CardMove(uid, issue, tmc, -price, value)
    return purse.book_sale(books, "sale", purse.open_(books, uid, issue, True), move, "K1", 5)


def load(books: Books, tmc: int, amount: int, bonus: int = 0, value: int = 0, uid: bytes = UID) -> int:
    """A top-up that the card proved at once: the plan."""
    move = CardMove(uid, 1, tmc, amount, value)
    number = loads.plan_load(books, move, DESK, 5, bonus)
    loads.post_load(books, number, move, DESK)
    return number


def balances(database: Database) -> dict[tuple[str, str], int]:
    """{(kind, owner): fen} of all accounts that hold anything."""
    sql = "SELECT kind, owner, balance FROM accounts WHERE balance <> 0"
    with database.read() as connection:
        return {(kind, owner): fen for kind, owner, fen in connection.tuples(sql)}


def held(books: Books) -> list[object]:
    """All that the books hold of cards and transactions, to see that a refusal left it alone."""
    books.flush()
    tables = ("transactions", "transfers", "plans", "card_loads", "open_loads", "purse_gaps", "revisions")
    written = [sorted(books.connection.tuples(f"SELECT * FROM {table}")) for table in tables]
    money = [(account.id, account.balance) for account in books.accounts.values() if account.balance]
    purses = [
        (one.account_id, one.tmc, one.value_fen, one.missing, one.last_move) for one in books.purses.values()
    ]
    return [written, money, purses]
