"""Who paired which kiosk by the code that it showed."""

from alembic import op

from host.db import dialect

revision = "0022"
down_revision = "0021"

TABLE = "kiosk_pairings"
SQL = f"""
CREATE TABLE {TABLE} (
    id SERIAL PRIMARY KEY,
    kiosk INTEGER NOT NULL REFERENCES kiosks (number),
    pairing BLOB NOT NULL,
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL
) STRICT;
"""


def upgrade() -> None:
    """Make the table."""
    engine = op.get_bind().dialect.name
    for statement in (*dialect.statements(SQL, engine), *dialect.append_only(TABLE, engine)):
        op.execute(statement)


def downgrade() -> None:
    """Only while none was."""
    if op.get_bind().exec_driver_sql(f"SELECT 1 FROM {TABLE} LIMIT 1").fetchone():
        raise ValueError("these books say who paired kiosks: that is not taken away")
    op.execute(f"DROP TABLE {TABLE}")
