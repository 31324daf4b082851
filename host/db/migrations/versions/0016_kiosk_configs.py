"""A kiosk's configuration says what is sold, when, and under which name."""

from alembic import op

from host.db.migrations import step

revision = "0016"
down_revision = "0015"

USUAL = {  # what every kiosk did so far
    "mode": "'fixed'",
    "prices": "'[]'",
    "max_fen": "500000",
    "quiet": "'[]'",
    "hours": "'[]'",
    "utc_offset_min": "480",
    "title": "''",
}


def upgrade() -> None:
    """prices, quiet and hours are JSON."""
    for name, value in USUAL.items():
        kind = "INTEGER" if value.isdigit() else "TEXT"
        step.make(f"ALTER TABLE kiosk_configs ADD COLUMN {name} {kind} NOT NULL DEFAULT {value}")


def downgrade() -> None:
    """Only while every kiosk still does just that."""
    other = " OR ".join(f"{name} <> {value}" for name, value in USUAL.items())
    step.must_be_none(f"kiosk_configs WHERE {other}", "kiosks with modes, prices or hours of their own")
    for name in USUAL:
        op.execute(f"ALTER TABLE kiosk_configs DROP COLUMN {name}")
