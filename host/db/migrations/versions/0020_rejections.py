"""What kiosks said of configurations they do not work by."""

from alembic import op

from host.db import dialect

revision = "0020"
down_revision = "0019"

TABLE = "config_rejections"
SQL = f"""
CREATE TABLE {TABLE} (
    kiosk INTEGER NOT NULL,
    version INTEGER NOT NULL,
    why TEXT NOT NULL,
    at_s INTEGER NOT NULL,
    PRIMARY KEY (kiosk, version),
    FOREIGN KEY (kiosk, version) REFERENCES kiosk_configs (kiosk, version)
) STRICT, WITHOUT ROWID;
"""


def upgrade() -> None:
    """Make the table."""
    engine = op.get_bind().dialect.name
    for statement in (*dialect.statements(SQL, engine), *dialect.append_only(TABLE, engine)):
        op.execute(statement)


def downgrade() -> None:
    """Only while no kiosk said so: it would be told anew what it gave up."""
    if op.get_bind().exec_driver_sql(f"SELECT 1 FROM {TABLE} LIMIT 1").fetchone():
        raise ValueError("these books have configurations that kiosks rejected: they are not taken away")
    op.execute(f"DROP TABLE {TABLE}")
