"""What bounds offline sales: the allow-list, limits of one card, when a kiosk last had the newest lists."""

from pathlib import Path

from alembic import op

from host.db.migrations import step

revision = "0014"
down_revision = "0013"

CHANGED_IN_PLACE = ("allow_cards", "allow_parts")
SEEN = ("allowed-states", "allowed-hotlist")  # how far the list has followed what it is made from
COLUMNS = (
    ("kiosk_sessions", "allowed_confirmed", "INTEGER NOT NULL DEFAULT 0"),
    ("kiosk_sessions", "lists_at_s", "INTEGER"),  # NULL: not known
    ("kiosk_configs", "offline_card_fen", "INTEGER NOT NULL DEFAULT 30000"),
    ("kiosk_configs", "offline_card_count", "INTEGER NOT NULL DEFAULT 20"),
    ("kiosk_configs", "offline_max_age_h", "INTEGER NOT NULL DEFAULT 96"),
)


def upgrade() -> None:
    """Make the columns and the tables; the list fills itself."""
    columns = (f"ALTER TABLE {table} ADD COLUMN {name} {kind}" for table, name, kind in COLUMNS)
    step.make(*columns, Path(__file__))
    for name in SEEN:
        op.execute(f"INSERT INTO revisions (name, revision) VALUES ('{name}', 0)")


def downgrade() -> None:
    """Take them away."""
    for name in SEEN:
        op.execute(f"DELETE FROM revisions WHERE name = '{name}'")
    step.drop(*CHANGED_IN_PLACE)
    for table, name, _ in COLUMNS:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
