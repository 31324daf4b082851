"""Promises that a query each holds are held in a time that grows with the books, not with their square."""

from contextlib import closing
from pathlib import Path

from host.db import engine
from host.ledger.verify import desk, doors, online, passes, tables


def test_no_row_that_is_looked_at_has_all_transfers_looked_through(tmp_path: Path) -> None:
    books = tmp_path / "books.db"
    engine.create_or_open(books)
    with closing(engine.connect(books)) as connection:
        for _, query, sentence in (
            *(*tables.RULES, *online.RULES, *doors.RULES),
            *(*passes.RULES, *desk.RULES),
        ):
            steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}")]
            inner = steps[next((at for at, step in enumerate(steps) if "CORRELATED" in step), len(steps)) :]
            slow = [step for step in inner if step.startswith("SCAN m") or "m USING AUTOMATIC" in step]
            assert slow == [], (sentence, steps)
