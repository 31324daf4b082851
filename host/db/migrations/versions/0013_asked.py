"""What was asked of an act is kept, so that whoever asked can ask for the same again from another page."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """NULL: an act of before, of which only the hash is known."""
    op.execute("ALTER TABLE desk_acts ADD COLUMN asked TEXT")


def downgrade() -> None:
    """Take it away: acts are told apart by the hash."""
    op.execute("ALTER TABLE desk_acts DROP COLUMN asked")
