"""What kiosks say went wrong with them."""

from pathlib import Path

from host.db.migrations import step

revision = "0021"
down_revision = "0020"


APPEND_ONLY = ("kiosk_faults",)


def upgrade() -> None:
    """Make the tables."""
    step.make(Path(__file__), append_only=APPEND_ONLY)


def downgrade() -> None:
    """Take them away; only while there are none."""
    step.must_be_none("kiosk_faults", "faults of kiosks")
    step.drop(*APPEND_ONLY)
