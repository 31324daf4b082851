"""What a card said last stands with its account's balance: a sale changes one row of a card and not two."""

from alembic import op

from host.db.migrations import step

revision = "0030"
down_revision = "0029"

# Of an account without a card they keep what they have at first.
COLUMNS = {
    "tmc": "INTEGER NOT NULL DEFAULT 0",
    "value_fen": "INTEGER NOT NULL DEFAULT 0",
    "missing": "INTEGER NOT NULL DEFAULT 0 CHECK (missing >= 0)",
    "last_move": "INTEGER",
}


def upgrade() -> None:
    """From purses to accounts."""
    _move("purses", "account_id", "accounts", "id")


def downgrade() -> None:
    """And back."""
    _move("accounts", "id", "purses", "account_id")


def _move(source: str, source_key: str, target: str, key: str) -> None:
    """Of each row that both tables have."""
    step.make(*(f"ALTER TABLE {target} ADD COLUMN {name} {kind}" for name, kind in COLUMNS.items()))
    sets = ", ".join(f"{name} = s.{name}" for name in COLUMNS)
    op.execute(f"UPDATE {target} SET {sets} FROM {source} s WHERE s.{source_key} = {target}.{key}")
    step.make(*(f"ALTER TABLE {source} DROP COLUMN {name}" for name in COLUMNS))
