"""What kiosks say went wrong with them."""

from pathlib import Path

from alembic import op

from host.db import dialect

revision = "0021"
down_revision = "0020"


APPEND_ONLY = ("kiosk_faults",)
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
    if op.get_bind().exec_driver_sql("SELECT 1 FROM kiosk_faults LIMIT 1").fetchone() is not None:
        raise ValueError("these books hold faults of kiosks: they are not taken away")
    for table in APPEND_ONLY:
        op.execute(f"DROP TABLE {table}")
