"""Stock of blank cards, schemes of card numbers, and two more ends of a card's life: replaced, returned."""

from pathlib import Path

from alembic import op

from host.db import dialect
from host.db.migrations import step

revision = "0005"
down_revision = "0004"

CHANGED_IN_PLACE = ("card_numbers",)
APPEND_ONLY = ("card_batches", "card_stock")
SQL = Path(__file__).with_suffix(".sql")
OLD = ("pending", "active", "lost", "void")
NEW = (*OLD, "replaced", "returned")
STATES = "card_states"
COLUMNS = "id, uid, issue, state, who, at_s"
TABLE = """CREATE TABLE made (
    id SERIAL PRIMARY KEY,
    uid BLOB NOT NULL,
    issue INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ({states})),
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL,
    FOREIGN KEY (uid, issue) REFERENCES cards (uid, issue)
) STRICT"""


def upgrade() -> None:
    """Make the tables, and let a card's life end so."""
    step.make(Path(__file__), append_only=APPEND_ONLY)
    _states(NEW)


def downgrade() -> None:
    """Take them away; only while nothing is in them."""
    step.must_be_none("card_batches", "batches of blank cards")
    step.must_be_none("card_states WHERE state IN ('replaced', 'returned')", "cards that ended so")
    step.must_be_none("card_numbers WHERE scheme <> '{seq:12}'", "numbers of another scheme")
    step.drop(*reversed(APPEND_ONLY), *CHANGED_IN_PLACE)
    _states(OLD)


def _states(allowed: tuple[str, ...]) -> None:
    """What a card's state may be. SQLite changes no check of a table: it is made anew with its rows."""
    engine = op.get_bind().dialect.name
    states = ", ".join(f"'{state}'" for state in allowed)
    if engine == "postgresql":
        op.execute(f"ALTER TABLE {STATES} DROP CONSTRAINT card_states_state_check")
        op.execute(f"ALTER TABLE {STATES} ADD CONSTRAINT card_states_state_check CHECK (state IN ({states}))")
        return
    step.make(TABLE.format(states=states))
    for statement in (
        f"INSERT INTO made ({COLUMNS}) SELECT {COLUMNS} FROM {STATES}",
        f"DROP TABLE {STATES}",
        f"ALTER TABLE made RENAME TO {STATES}",
        f"CREATE INDEX card_states_by_card ON {STATES} (uid, issue, id)",
        *dialect.append_only(STATES, engine),
    ):
        op.execute(statement)
