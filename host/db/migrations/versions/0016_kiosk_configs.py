"""A kiosk's configuration says what is sold, when, and under which name."""

from alembic import op

from host.db import dialect

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
    engine = op.get_bind().dialect.name
    for name, value in USUAL.items():
        kind = "INTEGER" if value.isdigit() else "TEXT"
        text = f"ALTER TABLE kiosk_configs ADD COLUMN {name} {kind} NOT NULL DEFAULT {value}"
        for statement in dialect.statements(text, engine):
            op.execute(statement)


def downgrade() -> None:
    """Only while every kiosk still does just that."""
    other = " OR ".join(f"{name} <> {value}" for name, value in USUAL.items())
    if op.get_bind().exec_driver_sql(f"SELECT 1 FROM kiosk_configs WHERE {other} LIMIT 1").fetchone():
        raise ValueError(
            "these books have kiosks with modes, prices or hours of their own: they are not taken away"
        )
    for name in USUAL:
        op.execute(f"ALTER TABLE kiosk_configs DROP COLUMN {name}")
