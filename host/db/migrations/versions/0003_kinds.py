"""Kinds of card: purse, account, plain; what only some of them have; lists of old cards."""

from pathlib import Path

from alembic import op

from host.db import dialect

revision = "0003"
down_revision = "0002"

CHANGED_IN_PLACE = ("sun_counters", "card_pin_tries")
APPEND_ONLY = ("card_limits", "card_pins", "imports")
SQL = Path(__file__).with_suffix(".sql")
KIND = "TEXT NOT NULL DEFAULT 'purse' CHECK (kind IN ('purse', 'account', 'plain'))"


def upgrade() -> None:
    """Make the column and the tables."""
    engine = op.get_bind().dialect.name
    op.execute(f"ALTER TABLE cards ADD COLUMN kind {KIND}")
    for statement in dialect.statements(SQL.read_text(encoding="utf-8"), engine):
        op.execute(statement)
    for table in APPEND_ONLY:
        for statement in dialect.append_only(table, engine):
            op.execute(statement)


def downgrade() -> None:
    """Take them away; only while all cards are purses."""
    if op.get_bind().exec_driver_sql("SELECT 1 FROM cards WHERE kind <> 'purse' LIMIT 1").fetchone():
        raise ValueError("these books have cards of other kinds: they are not taken away")
    for table in (*CHANGED_IN_PLACE, *APPEND_ONLY):
        op.execute(f"DROP TABLE {table}")
    op.execute("ALTER TABLE cards DROP COLUMN kind")
