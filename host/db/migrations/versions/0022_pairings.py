"""Who paired which kiosk by the code that it showed."""

from host.db.migrations import step

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
    step.make(SQL, append_only=(TABLE,))


def downgrade() -> None:
    """Only while none was."""
    step.must_be_none(TABLE, "records of who paired kiosks")
    step.drop(TABLE)
