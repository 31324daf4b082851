"""What steps share: tables made from text, rows kept as they are, nothing taken away that holds something."""

from collections.abc import Iterable
from pathlib import Path

from alembic import op

from host.db import dialect


def make(*texts: str | Path, append_only: Iterable[str] = ()) -> None:
    """Run these statements; a path, of a step: those of the .sql file beside it. Rows of the tables named can
    be neither changed nor deleted from then on."""
    engine = op.get_bind().dialect.name
    for text in texts:
        sql = text if isinstance(text, str) else text.with_suffix(".sql").read_text(encoding="utf-8")
        for statement in dialect.statements(sql, engine):
            op.execute(statement)
    for table in append_only:
        for statement in dialect.append_only(table, engine):
            op.execute(statement)


def must_be_none(rows: str, what: str) -> None:
    """ValueError while there are rows, "TABLE" or "TABLE WHERE ...": a step down would forget them."""
    if op.get_bind().exec_driver_sql(f"SELECT 1 FROM {rows} LIMIT 1").fetchone() is not None:
        raise ValueError(f"these books have {what}: they are not taken away")


def drop(*tables: str) -> None:
    """In this order: what refers to others comes first."""
    for table in tables:
        op.execute(f"DROP TABLE {table}")
