"""Firmware images and roll-outs; of a kiosk, which version runs and when it was last heard."""

from pathlib import Path

from alembic import op

from host.db import dialect

revision = "0019"
down_revision = "0018"

TABLES = ("rollout_ends", "rollout_words", "rollout_kiosks", "rollouts", "firmware_images")
COLUMNS = (("runs", "INTEGER NOT NULL DEFAULT 0"), ("heard_at_s", "INTEGER"))  # 0, NULL: not known
SQL = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Make the tables and the columns."""
    engine = op.get_bind().dialect.name
    texts = [f"ALTER TABLE kiosk_sessions ADD COLUMN {name} {kind}" for name, kind in COLUMNS]
    for text in (*texts, SQL.read_text(encoding="utf-8")):
        for statement in dialect.statements(text, engine):
            op.execute(statement)
    for table in TABLES:
        for statement in dialect.append_only(table, engine):
            op.execute(statement)


def downgrade() -> None:
    """Take them away; only while no image was ever brought in."""
    if op.get_bind().exec_driver_sql("SELECT 1 FROM firmware_images LIMIT 1").fetchone() is not None:
        raise ValueError("these books have firmware images: they are not taken away")
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
    for name, _ in COLUMNS:
        op.execute(f"ALTER TABLE kiosk_sessions DROP COLUMN {name}")
