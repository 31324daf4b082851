"""Key versions of cards, what was done with the masters, and kiosks that were revoked."""

from pathlib import Path

from alembic import op

from host.db import dialect

revision = "0007"
down_revision = "0006"

APPEND_ONLY = ("card_key_moves", "key_acts", "kiosk_revocations")
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
    """Take them away; only while nothing is in them."""
    bind = op.get_bind()
    for table in APPEND_ONLY:
        if bind.exec_driver_sql(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None:
            raise ValueError(f"these books have rows of {table}: they are not taken away")
    op.execute("DROP INDEX cards_by_key_version")
    for table in APPEND_ONLY:
        op.execute(f"DROP TABLE {table}")
