"""Kinds of card: purse, account, plain; what only some of them have; lists of old cards."""

from pathlib import Path

from alembic import op

from host.db.migrations import step

revision = "0003"
down_revision = "0002"

CHANGED_IN_PLACE = ("sun_counters", "card_pin_tries")
APPEND_ONLY = ("card_limits", "card_pins", "imports")
KIND = "TEXT NOT NULL DEFAULT 'purse' CHECK (kind IN ('purse', 'account', 'plain'))"


def upgrade() -> None:
    """Make the column and the tables."""
    op.execute(f"ALTER TABLE cards ADD COLUMN kind {KIND}")
    step.make(Path(__file__), append_only=APPEND_ONLY)


def downgrade() -> None:
    """Take them away; only while all cards are purses."""
    step.must_be_none("cards WHERE kind <> 'purse'", "cards of other kinds")
    step.drop(*CHANGED_IN_PLACE, *APPEND_ONLY)
    op.execute("ALTER TABLE cards DROP COLUMN kind")
