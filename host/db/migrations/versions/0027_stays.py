"""Passes of minutes: who is inside since when, and what a stay used. What a pass holds has its unit."""

from pathlib import Path

from alembic import op

from host.db.migrations import step

revision = "0027"
down_revision = "0026"

TABLES = ("stay_taps", "stay_steps", "stays")
RENAMED = (
    ("passes", "visits", "amount"),
    ("pass_ends", "visits", "amount"),
    ("entries", "visits_left", "amount_left"),
)
UNIT = (
    "ALTER TABLE passes ADD COLUMN unit TEXT NOT NULL DEFAULT 'visits' CHECK (unit IN ('visits', 'minutes'))"
)
MOST = "ALTER TABLE passes ADD COLUMN stay_min INTEGER NOT NULL DEFAULT 0"  # a stay counts so many at most


def upgrade() -> None:
    """Make the tables and columns."""
    step.make(Path(__file__), UNIT, MOST, append_only=TABLES)
    for table, old, new in RENAMED:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")


def downgrade() -> None:
    """Only while there is no pass of minutes, and so no stay."""
    step.must_be_none("passes WHERE unit = 'minutes'", "passes of minutes")
    step.drop(*TABLES)
    for table, old, new in RENAMED:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {new} TO {old}")
    for column in ("unit", "stay_min"):
        op.execute(f"ALTER TABLE passes DROP COLUMN {column}")
