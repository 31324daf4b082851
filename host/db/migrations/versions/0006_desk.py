"""Acts at a desk, approvals, shifts and drawers, ends of cards; the hotlist can be shortened by a removal."""

from pathlib import Path

from alembic import op

from host.db import dialect
from host.db.migrations import step

revision = "0006"
down_revision = "0005"

TABLES = (
    *("desk_acts", "desk_answers", "approvals", "approval_answers", "shifts", "drawer_counts", "card_ends"),
    "suspect_decisions",
)
_HOTLIST = """CREATE TABLE hotlist (
    version INTEGER PRIMARY KEY,
    uid BLOB{unique},  -- NULL: only the number was raised
    {listed}reason TEXT NOT NULL,
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL
) STRICT"""
_LISTED = "listed INTEGER NOT NULL CHECK (listed IN (0, 1)),\n"


def upgrade() -> None:
    """Make the tables; the newest row of a UID says whether it is on the hotlist."""
    step.make(Path(__file__), append_only=TABLES)
    _hotlist(_HOTLIST.format(unique="", listed=_LISTED), "version, uid, 1, reason, who, at_s")
    op.execute("CREATE INDEX hotlist_by_uid ON hotlist (uid, version)")


def downgrade() -> None:
    """Take them away; only while nobody used them."""
    step.must_be_none("desk_acts", "acts of operators")
    step.must_be_none("shifts", "shifts")
    step.must_be_none("hotlist WHERE listed = 0", "cards that came off the hotlist")
    step.drop(*reversed(TABLES))
    _hotlist(_HOTLIST.format(unique=" UNIQUE", listed=""), "version, uid, reason, who, at_s")


def _hotlist(made: str, columns: str) -> None:
    engine = op.get_bind().dialect.name
    op.execute("ALTER TABLE hotlist RENAME TO hotlist_before")
    for name in ("no_update", "no_delete"):
        op.execute(f"DROP TRIGGER hotlist_{name}" + (" ON hotlist_before" if engine == "postgresql" else ""))
    step.make(made)
    op.execute(f"INSERT INTO hotlist SELECT {columns} FROM hotlist_before")
    step.drop("hotlist_before")
    for statement in dialect.append_only("hotlist", engine):
        op.execute(statement)
