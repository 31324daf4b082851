"""The baselines write what they say, and to the disk: one that cheats flatters us or them."""

from pathlib import Path

from tests.bench.ledger_baselines import CARDS, PRICE_FEN, PostgresOneByOne, SqliteOneByOne

WRONG = (
    "SELECT count(*) FROM accounts a WHERE a.balance <> (SELECT coalesce(sum("
    "CASE a.id WHEN t.credit THEN t.amount ELSE -t.amount END), 0) FROM transfers t"
    " WHERE a.id IN (t.credit, t.debit))"
)


def holds(baseline: SqliteOneByOne | PostgresOneByOne, sales: int) -> None:
    """The rows of so many sales, and balances that follow from them."""

    def one(statement: str) -> tuple[object, ...]:
        return tuple(baseline.connection.execute(statement).fetchone() or ())  # type: ignore[arg-type]

    for table in ("transactions", "transfers", "reports"):
        assert one(f"SELECT count(*) FROM {table}") == (sales,)
    assert one("SELECT sum(balance) FROM accounts") == (0,)
    assert one("SELECT sum(amount) FROM transfers") == (sales * PRICE_FEN,)
    assert one("SELECT sum(tmc), count(*) FROM purses") == (sales, CARDS)
    assert one(WRONG) == (0,)
    baseline.close()


def test_sqlite_writes_the_rows_of_each_sale_to_the_disk(tmp_path: Path) -> None:
    baseline = SqliteOneByOne(tmp_path)
    assert baseline.run(30) > 0
    baseline.run(10)
    assert baseline.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert baseline.connection.execute("PRAGMA synchronous").fetchone() == (2,)
    holds(baseline, 40)


def test_postgres_writes_the_rows_of_each_sale(postgres_url: str) -> None:
    baseline = PostgresOneByOne(postgres_url)
    assert baseline.run(30) > 0
    holds(baseline, 30)


def test_two_runs_draw_the_same_sales(tmp_path: Path) -> None:
    books = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        baseline = SqliteOneByOne(tmp_path / name)
        baseline.run(20)
        books.append(baseline.connection.execute("SELECT * FROM transactions").fetchall())
        baseline.close()
    assert books[0] == books[1]
