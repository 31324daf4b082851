"""What is taken off a card at a desk waits for its proof like a top-up: an amount below zero."""

from alembic import op

from host.db import dialect
from host.db.migrations import step

revision = "0012"
down_revision = "0011"

NAME = "card_loads"
COLUMNS = "transaction_id, uid, issue, tmc, amount_fen, value_after_fen"
TABLE = """CREATE TABLE made (
    transaction_id INTEGER PRIMARY KEY REFERENCES transactions (id),
    uid BLOB NOT NULL,
    issue INTEGER NOT NULL,
    tmc INTEGER NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen {above}),
    value_after_fen INTEGER NOT NULL
) STRICT"""


def upgrade() -> None:
    """Any amount but none."""
    _check("<> 0")


def downgrade() -> None:
    """Above zero only; while nothing was taken off a card."""
    step.must_be_none(f"{NAME} WHERE amount_fen < 0", "payouts")
    _check("> 0")


def _check(above: str) -> None:
    """SQLite changes no check of a table: it is made anew with its rows."""
    engine = op.get_bind().dialect.name
    if engine == "postgresql":
        op.execute(f"ALTER TABLE {NAME} DROP CONSTRAINT card_loads_amount_fen_check")
        check = f"CONSTRAINT card_loads_amount_fen_check CHECK (amount_fen {above})"
        op.execute(f"ALTER TABLE {NAME} ADD {check}")
        return
    for statement in (
        *dialect.statements(TABLE.format(above=above), engine),
        f"INSERT INTO made ({COLUMNS}) SELECT {COLUMNS} FROM {NAME}",
        f"DROP TABLE {NAME}",
        f"ALTER TABLE made RENAME TO {NAME}",
        f"CREATE INDEX card_loads_by_card ON {NAME} (uid, issue)",
        *dialect.append_only(NAME, engine),
    ):
        op.execute(statement)
