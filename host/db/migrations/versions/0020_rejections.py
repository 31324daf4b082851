"""What kiosks said of configurations they do not work by."""

from host.db.migrations import step

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
    step.make(SQL, append_only=(TABLE,))


def downgrade() -> None:
    """Only while no kiosk said so: it would be told anew what it gave up."""
    step.must_be_none(TABLE, "configurations that kiosks rejected")
    step.drop(TABLE)
