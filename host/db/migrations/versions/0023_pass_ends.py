"""What a pass cost in cash, and passes that were taken back."""

from alembic import op

from host.db import dialect

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
    engine = op.get_bind().dialect.name
    for statement in (
        *dialect.statements(SQL, engine),
        *dialect.append_only(TABLE, engine),
        *dialect.statements(PRICED, engine),
    ):
        op.execute(statement)


def downgrade() -> None:
    """Only while no pass was sold for cash or taken back."""
    for rows in (f"{TABLE} LIMIT 1", "passes WHERE price_fen > 0 LIMIT 1"):
        if op.get_bind().exec_driver_sql(f"SELECT 1 FROM {rows}").fetchone():
            raise ValueError("these books have passes that were sold or taken back: they are not taken away")
    op.execute(f"DROP TABLE {TABLE}")
    op.execute("ALTER TABLE passes DROP COLUMN price_fen")
