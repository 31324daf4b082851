"""Terminals have a kind: a kiosk, or a reader on a clerk's PC."""

from alembic import op

from host.db.migrations import step

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """All that there are by now are kiosks."""
    kinds = "kind TEXT NOT NULL DEFAULT 'kiosk' CHECK (kind IN ('kiosk', 'reader'))"
    op.execute(f"ALTER TABLE kiosks ADD COLUMN {kinds}")


def downgrade() -> None:
    """Only while there is no other."""
    step.must_be_none("kiosks WHERE kind <> 'kiosk'", "desk readers")
    op.execute("ALTER TABLE kiosks DROP COLUMN kind")
