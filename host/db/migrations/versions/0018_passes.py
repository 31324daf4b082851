"""Entry passes, and what a card's holder is greeted with."""

from pathlib import Path

from alembic import op

from host.db import dialect

revision = "0018"
down_revision = "0017"


APPEND_ONLY = ("entries", "passes", "card_notes")
SQL = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Make the tables."""
    engine = op.get_bind().dialect.name
    for statement in dialect.statements(SQL.read_text(encoding="utf-8"), engine):
        op.execute(statement)
    for table in APPEND_ONLY:
        for statement in dialect.append_only(table, engine):
            op.execute(statement)


def downgrade() -> None:
    """Take them away; only while there are none."""
    for table in APPEND_ONLY:
        if op.get_bind().exec_driver_sql(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None:
            raise ValueError("these books have passes, notes or entries of cards: they are not taken away")
    for table in APPEND_ONLY:
        op.execute(f"DROP TABLE {table}")
