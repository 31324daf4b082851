"""What a card showed before an open sale: by it another terminal tells how the sale ended."""

from pathlib import Path

from alembic import op

from host.db import dialect

revision = "0008"
down_revision = "0007"

COLUMNS = ("tmc", "value_fen")  # NULL in rows from before
SQL = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Add the columns and the index."""
    engine = op.get_bind().dialect.name
    for column in COLUMNS:
        for statement in dialect.statements(f"ALTER TABLE unsettled ADD COLUMN {column} INTEGER", engine):
            op.execute(statement)
    for statement in dialect.statements(SQL.read_text(encoding="utf-8"), engine):
        op.execute(statement)


def downgrade() -> None:
    """Take them away: the reports themselves say it as well."""
    op.execute("DROP INDEX unsettled_by_card")
    for column in COLUMNS:
        op.execute(f"ALTER TABLE unsettled DROP COLUMN {column}")
