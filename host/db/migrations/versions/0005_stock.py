"""Stock of blank cards, schemes of card numbers, and two more ends of a card's life: replaced, returned."""

from pathlib import Path

from alembic import op

from host.db import dialect

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
    engine = op.get_bind().dialect.name
    for statement in dialect.statements(SQL.read_text(encoding="utf-8"), engine):
        op.execute(statement)
    for table in APPEND_ONLY:
        for statement in dialect.append_only(table, engine):
            op.execute(statement)
    _states(NEW)


def downgrade() -> None:
    """Take them away; only while nothing is in them."""
    bind = op.get_bind()
    for asked, what in (
        ("SELECT 1 FROM card_batches LIMIT 1", "batches of blank cards"),
        ("SELECT 1 FROM card_states WHERE state IN ('replaced', 'returned') LIMIT 1", "cards that ended so"),
        ("SELECT 1 FROM card_numbers WHERE scheme <> '{seq:12}' LIMIT 1", "numbers of another scheme"),
    ):
        if bind.exec_driver_sql(asked).fetchone() is not None:
            raise ValueError(f"these books have {what}: they are not taken away")
    for table in (*reversed(APPEND_ONLY), *CHANGED_IN_PLACE):
        op.execute(f"DROP TABLE {table}")
    _states(OLD)


def _states(allowed: tuple[str, ...]) -> None:
    """What a card's state may be. SQLite changes no check of a table: it is made anew with its rows."""
    engine = op.get_bind().dialect.name
    states = ", ".join(f"'{state}'" for state in allowed)
    if engine == "postgresql":
        op.execute(f"ALTER TABLE {STATES} DROP CONSTRAINT card_states_state_check")
        op.execute(f"ALTER TABLE {STATES} ADD CONSTRAINT card_states_state_check CHECK (state IN ({states}))")
        return
    for statement in dialect.statements(TABLE.format(states=states), engine):
        op.execute(statement)
    for statement in (
        f"INSERT INTO made ({COLUMNS}) SELECT {COLUMNS} FROM {STATES}",
        f"DROP TABLE {STATES}",
        f"ALTER TABLE made RENAME TO {STATES}",
        f"CREATE INDEX card_states_by_card ON {STATES} (uid, issue, id)",
        *dialect.append_only(STATES, engine),
    ):
        op.execute(statement)
