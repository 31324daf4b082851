"""Entry passes, and what a card's holder is greeted with."""

from pathlib import Path

from host.db.migrations import step

revision = "0018"
down_revision = "0017"


APPEND_ONLY = ("entries", "passes", "card_notes")


def upgrade() -> None:
    """Make the tables."""
    step.make(Path(__file__), append_only=APPEND_ONLY)


def downgrade() -> None:
    """Take them away; only while there are none."""
    for table in APPEND_ONLY:
        step.must_be_none(table, "passes, notes or entries of cards")
    step.drop(*APPEND_ONLY)
