"""When a kiosk confirmed its hotlist, and which numbers it had given out by then."""

from alembic import op

from host.db.migrations import step

revision = "0010"
down_revision = "0009"

# NULL: not known, as of kiosks that confirmed before.
COLUMNS = ("hotlist_at_s", "hotlist_epoch", "hotlist_counter")


def upgrade() -> None:
    """Add the columns."""
    step.make(*(f"ALTER TABLE kiosk_sessions ADD COLUMN {column} INTEGER" for column in COLUMNS))


def downgrade() -> None:
    """Take them away: the next hello says it again."""
    for column in COLUMNS:
        op.execute(f"ALTER TABLE kiosk_sessions DROP COLUMN {column}")
