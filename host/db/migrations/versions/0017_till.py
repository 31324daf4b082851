"""Orders of tills at kiosks."""

from pathlib import Path

from alembic import op

from host.db import dialect

revision = "0017"
down_revision = "0016"

CHANGED_IN_PLACE = ("till_words",)
APPEND_ONLY = ("till_reports", "till_cancels", "till_orders")
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
    """Take them away; only while no till ever asked."""
    if op.get_bind().exec_driver_sql("SELECT 1 FROM till_orders LIMIT 1").fetchone() is not None:
        raise ValueError("these books have orders of tills: they are not taken away")
    for table in (*CHANGED_IN_PLACE, *APPEND_ONLY):
        op.execute(f"DROP TABLE {table}")
