"""Top-ups that may be on their card, payments decided online, and the relay session of a kiosk."""

from pathlib import Path

from alembic import op

from host.db.migrations import step

revision = "0009"
down_revision = "0008"

CHANGED_IN_PLACE = ("open_loads",)
APPEND_ONLY = ("payments",)
COLUMNS = ("waiting_confirmed", "relay_session")  # of kiosk_sessions; the second begins anew with each nonce


def upgrade() -> None:
    """Make the columns and the tables."""
    columns = (f"ALTER TABLE kiosk_sessions ADD COLUMN {name} INTEGER NOT NULL DEFAULT 0" for name in COLUMNS)
    step.make(*columns, Path(__file__), append_only=APPEND_ONLY)
    op.execute("INSERT INTO revisions (name, revision) VALUES ('waiting', 0)")


def downgrade() -> None:
    """Take them away; only while nothing was ever asked for online."""
    step.must_be_none("payments", "online payments")
    op.execute("DROP INDEX accounts_waiting")
    step.drop(*CHANGED_IN_PLACE, *APPEND_ONLY)
    op.execute("DELETE FROM revisions WHERE name = 'waiting'")
    for name in COLUMNS:
        op.execute(f"ALTER TABLE kiosk_sessions DROP COLUMN {name}")
