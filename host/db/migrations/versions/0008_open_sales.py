"""What a card showed before an open sale: by it another terminal tells how the sale ended."""

from pathlib import Path

from alembic import op

from host.db.migrations import step

revision = "0008"
down_revision = "0007"

COLUMNS = ("tmc", "value_fen")  # NULL in rows from before


def upgrade() -> None:
    """Add the columns and the index."""
    step.make(*(f"ALTER TABLE unsettled ADD COLUMN {column} INTEGER" for column in COLUMNS), Path(__file__))


def downgrade() -> None:
    """Take them away: the reports themselves say it as well."""
    op.execute("DROP INDEX unsettled_by_card")
    for column in COLUMNS:
        op.execute(f"ALTER TABLE unsettled DROP COLUMN {column}")
