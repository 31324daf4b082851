"""Key versions of cards, what was done with the masters, and kiosks that were revoked."""

from pathlib import Path

from alembic import op

from host.db.migrations import step

revision = "0007"
down_revision = "0006"

APPEND_ONLY = ("card_key_moves", "key_acts", "kiosk_revocations")


def upgrade() -> None:
    """Make the tables."""
    step.make(Path(__file__), append_only=APPEND_ONLY)


def downgrade() -> None:
    """Take them away; only while nothing is in them."""
    for table in APPEND_ONLY:
        step.must_be_none(table, f"rows of {table}")
    op.execute("DROP INDEX cards_by_key_version")
    step.drop(*APPEND_ONLY)
