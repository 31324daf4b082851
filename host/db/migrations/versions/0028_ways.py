"""Which way a kiosk of mode pass lets cards through."""

from alembic import op

from host.db.migrations import step

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Add the column: those of before let in and out."""
    step.make("ALTER TABLE kiosk_configs ADD COLUMN way TEXT NOT NULL DEFAULT 'both'")


def downgrade() -> None:
    """Only while every kiosk still does."""
    step.must_be_none("kiosk_configs WHERE way <> 'both'", "doors that let cards through one way alone")
    op.execute("ALTER TABLE kiosk_configs DROP COLUMN way")
