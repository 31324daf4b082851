"""What a pass cost in cash, and passes that were taken back."""

from alembic import op

from host.db.migrations import step

revision = "0023"
down_revision = "0022"

TABLE = "pass_ends"
SQL = f"""
CREATE TABLE {TABLE} (
    pass_id INTEGER PRIMARY KEY REFERENCES passes (id),
    act INTEGER NOT NULL UNIQUE REFERENCES desk_acts (id),
    visits INTEGER NOT NULL CHECK (visits >= 0),  -- that were left
    paid_fen INTEGER NOT NULL CHECK (paid_fen >= 0),  -- for what was unused
    reason TEXT NOT NULL,
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL
) STRICT;
"""
PRICED = "ALTER TABLE passes ADD COLUMN price_fen INTEGER NOT NULL DEFAULT 0"


def upgrade() -> None:
    """Make the table and the column."""
    step.make(SQL, PRICED, append_only=(TABLE,))


def downgrade() -> None:
    """Only while no pass was sold for cash or taken back."""
    for rows in (TABLE, "passes WHERE price_fen > 0"):
        step.must_be_none(rows, "passes that were sold or taken back")
    step.drop(TABLE)
    op.execute("ALTER TABLE passes DROP COLUMN price_fen")
