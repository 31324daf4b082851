"""Top-ups that may be on their card, payments decided online, and the relay session of a kiosk."""

from pathlib import Path

from alembic import op

from host.db import dialect

revision = "0009"
down_revision = "0008"

CHANGED_IN_PLACE = ("open_loads",)
APPEND_ONLY = ("payments",)
COLUMNS = ("waiting_confirmed", "relay_session")  # of kiosk_sessions; the second begins anew with each nonce
SQL = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Make the columns and the tables."""
    engine = op.get_bind().dialect.name
    for name in COLUMNS:
        for statement in dialect.statements(
            f"ALTER TABLE kiosk_sessions ADD COLUMN {name} INTEGER NOT NULL DEFAULT 0", engine
        ):
            op.execute(statement)
    for statement in dialect.statements(SQL.read_text(encoding="utf-8"), engine):
        op.execute(statement)
    op.execute("INSERT INTO revisions (name, revision) VALUES ('waiting', 0)")
    for table in APPEND_ONLY:
        for statement in dialect.append_only(table, engine):
            op.execute(statement)


def downgrade() -> None:
    """Take them away; only while nothing was ever asked for online."""
    if op.get_bind().exec_driver_sql("SELECT 1 FROM payments LIMIT 1").fetchone() is not None:
        raise ValueError("these books have online payments: they are not taken away")
    op.execute("DROP INDEX accounts_waiting")
    for table in (*CHANGED_IN_PLACE, *APPEND_ONLY):
        op.execute(f"DROP TABLE {table}")
    op.execute("DELETE FROM revisions WHERE name = 'waiting'")
    for name in COLUMNS:
        op.execute(f"ALTER TABLE kiosk_sessions DROP COLUMN {name}")
