"""The step that takes the balance out of an index: rows change within their page, and what waits is found."""

from pathlib import Path

from host.db import engine
from host.db.connection import Connection
from host.ledger import wanted
from host.ledger.books import book
from host.ledger.terms import Transfer, Why
from tests.host.db.test_schema import content, migrate

WHY = Why("take", None, "operator:desk", 0)
UID = b"\4abcdef"
WITHIN = "SELECT n_tup_hot_upd FROM pg_stat_xact_user_tables WHERE relname = 'accounts'"


def waiting(place: Path | str) -> list[tuple[bytes, int]]:
    connection = engine.connect(place)
    try:
        return [(wait.uid, wait.amount_fen) for wait in wanted.waits(connection)]
    finally:
        connection.close()


def within_the_page(connection: Connection) -> bool:
    """Is a balance that changes written beside what it was, and into no index?"""
    connection.begin(writes=True)
    try:
        [(before,)] = connection.tuples(WITHIN)  # of transactions not counted yet, too
        connection.update_flat("accounts", "id", "balance, last_transfer", [2, 700, 9])
        return connection.tuples(WITHIN) == [(before + 1,)]
    finally:
        connection.roll_back()


def test_what_waits_is_found_on_either_side(place: Path | str) -> None:
    database = engine.create_or_open(place)
    with book(database) as books:
        cash, card = books.open_("house", "cash"), books.open_("card:04616263646566:1", "waiting")
        empty = books.open_("card:04000000000000:1", "waiting")
        books.post(WHY, [Transfer(cash, card, 500), Transfer(cash, empty, 5)])
        books.post(WHY, [Transfer(empty, cash, 5)])
    before = content(place)
    for version in ("0028", "head", "0028", "head"):
        migrate(place, version)
        assert waiting(place) == [(UID, 500)] and content(place) == before
        with database.read() as connection:
            assert len(wanted.marks(connection)) == wanted.MARK_SIZE
    database.close()


def test_on_postgres_a_balance_changes_within_its_page(books_url: str) -> None:
    with book(engine.Database(books_url)) as books:
        for uid in ("04", "05"):
            books.open_(f"card:{uid}:1", "card")
    connection = engine.connect(books_url)
    assert within_the_page(connection)
    migrate(books_url, "0028")
    assert not within_the_page(connection), "or else the step is of no use any more"
    connection.close()
