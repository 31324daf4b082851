"""Orders of tills at kiosks."""

from pathlib import Path

from host.db.migrations import step

revision = "0017"
down_revision = "0016"

CHANGED_IN_PLACE = ("till_words",)
APPEND_ONLY = ("till_reports", "till_cancels", "till_orders")


def upgrade() -> None:
    """Make the tables."""
    step.make(Path(__file__), append_only=APPEND_ONLY)


def downgrade() -> None:
    """Take them away; only while no till ever asked."""
    step.must_be_none("till_orders", "orders of tills")
    step.drop(*CHANGED_IN_PLACE, *APPEND_ONLY)
