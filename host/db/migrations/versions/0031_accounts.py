"""PostgreSQL locks each row for a trigger that stands BEFORE its change, also for one that has nothing to do:
half of what a new balance cost. The trigger that keeps an account's name stands AFTER.

And a fifth of each page of accounts is left free, so that a balance changes within its page; in books that
are there already, of the pages that are yet to come.
"""

from alembic import op

from host.db import dialect

revision = "0031"
down_revision = "0030"

TRIGGER, TABLE = "accounts_keep_their_name", "accounts"
NAME = "UPDATE OF id, owner, unit, kind, below_zero"


def upgrade() -> None:
    """AFTER."""
    _make("AFTER", f"ALTER TABLE {TABLE} SET (fillfactor = 80)")


def downgrade() -> None:
    """BEFORE."""
    _make("BEFORE", f"ALTER TABLE {TABLE} RESET (fillfactor)")


def _make(when: str, filled: str) -> None:
    engine = op.get_bind().dialect.name
    if engine != "postgresql":
        return
    op.execute(f"DROP TRIGGER {TRIGGER} ON {TABLE}")
    for statement in dialect.refuse(TRIGGER, NAME, TABLE, "only the balance changes", engine):
        op.execute(statement.replace(" BEFORE ", f" {when} "))
    op.execute(filled)
