"""The baselines write what they say, and to the disk: one that cheats flatters us or them."""

from pathlib import Path

from tests.bench.ledger_baselines import CARDS, KIOSKS, PRICE_FEN, PostgresOneByOne, SqliteOneByOne


def test_sqlite_writes_the_rows_of_each_sale(tmp_path: Path) -> None:
    baseline = SqliteOneByOne(tmp_path)
    assert baseline.run(30) > 0
    baseline.run(10)

    def one(statement: str) -> tuple[object, ...]:
        return tuple(baseline.connection.execute(statement).fetchone())

    assert one("PRAGMA journal_mode") == ("wal",)
    assert one("PRAGMA synchronous") == (2,)
    for table in ("transactions", "transfers", "reports"):
        assert one(f"SELECT count(*) FROM {table}") == (40,)
    assert one("SELECT sum(balance), max(balance) > 0 FROM accounts") == (0, 1)
    assert one("SELECT sum(tmc), count(*) FROM purses") == (40, CARDS)
    wrong = one(
        "SELECT count(*) FROM accounts a WHERE a.balance <> (SELECT coalesce(sum("
        "CASE a.id WHEN t.credit THEN t.amount ELSE -t.amount END), 0) FROM transfers t"
        " WHERE a.id IN (t.credit, t.debit))"
    )
    assert wrong == (0,)
    baseline.close()


def test_postgres_writes_the_rows_of_each_sale(postgres_url: str) -> None:
    baseline = PostgresOneByOne(postgres_url)
    assert baseline.run(30) > 0

    def one(statement: str) -> tuple[object, ...] | None:
        return baseline.connection.execute(statement).fetchone()

    assert one("SELECT count(*) FROM transactions") == (30,)
    assert one("SELECT count(*), sum(amount), max(amount) FROM entries") == (60, 0, PRICE_FEN)
    assert one("SELECT count(*), sum(balance) FROM accounts") == (CARDS + KIOSKS, 0)
    wrong = one(
        "SELECT count(*) FROM accounts a WHERE balance <>"
        " (SELECT coalesce(sum(amount), 0) FROM entries e WHERE e.account = a.id)"
    )
    assert wrong == (0,)
    baseline.close()


def test_two_runs_draw_the_same_sales(tmp_path: Path) -> None:
    books = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        baseline = SqliteOneByOne(tmp_path / name)
        baseline.run(20)
        books.append(baseline.connection.execute("SELECT * FROM transactions").fetchall())
        baseline.close()
    assert books[0] == books[1]
