"""Terminals have a kind: a kiosk, or a reader on a clerk's PC."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """All that there are by now are kiosks."""
    kinds = "kind TEXT NOT NULL DEFAULT 'kiosk' CHECK (kind IN ('kiosk', 'reader'))"
    op.execute(f"ALTER TABLE kiosks ADD COLUMN {kinds}")


def downgrade() -> None:
    """Only while there is no other."""
    if op.get_bind().exec_driver_sql("SELECT 1 FROM kiosks WHERE kind <> 'kiosk' LIMIT 1").fetchone():
        raise ValueError("these books have desk readers: they are not taken away")
    op.execute("ALTER TABLE kiosks DROP COLUMN kind")
