"""Firmware images and roll-outs; of a kiosk, which version runs and when it was last heard."""

from pathlib import Path

from alembic import op

from host.db.migrations import step

revision = "0019"
down_revision = "0018"

TABLES = ("rollout_ends", "rollout_words", "rollout_kiosks", "rollouts", "firmware_images")
COLUMNS = (("runs", "INTEGER NOT NULL DEFAULT 0"), ("heard_at_s", "INTEGER"))  # 0, NULL: not known


def upgrade() -> None:
    """Make the tables and the columns."""
    columns = (f"ALTER TABLE kiosk_sessions ADD COLUMN {name} {kind}" for name, kind in COLUMNS)
    step.make(*columns, Path(__file__), append_only=TABLES)


def downgrade() -> None:
    """Take them away; only while no image was ever brought in."""
    step.must_be_none("firmware_images", "firmware images")
    step.drop(*TABLES)
    for name, _ in COLUMNS:
        op.execute(f"ALTER TABLE kiosk_sessions DROP COLUMN {name}")
