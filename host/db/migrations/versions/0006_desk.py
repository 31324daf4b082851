"""Acts at a desk, approvals, shifts and drawers, ends of cards; the hotlist can be shortened by a removal."""

from pathlib import Path

from alembic import op

from host.db import dialect

revision = "0006"
down_revision = "0005"

SQL = Path(__file__).with_suffix(".sql")
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
    engine = op.get_bind().dialect.name
    for statement in dialect.statements(SQL.read_text(encoding="utf-8"), engine):
        op.execute(statement)
    for table in TABLES:
        for statement in dialect.append_only(table, engine):
            op.execute(statement)
    _hotlist(_HOTLIST.format(unique="", listed=_LISTED), "version, uid, 1, reason, who, at_s", engine)
    op.execute("CREATE INDEX hotlist_by_uid ON hotlist (uid, version)")


def downgrade() -> None:
    """Take them away; only while nobody used them."""
    bind = op.get_bind()
    for table, what in (("desk_acts", "acts of operators"), ("shifts", "shifts")):
        if bind.exec_driver_sql(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None:
            raise ValueError(f"these books have {what}: they are not taken away")
    twice = "SELECT 1 FROM hotlist WHERE listed = 0 LIMIT 1"
    if bind.exec_driver_sql(twice).fetchone() is not None:
        raise ValueError("these books took cards off the hotlist: that is not forgotten")
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
    _hotlist(
        _HOTLIST.format(unique=" UNIQUE", listed=""), "version, uid, reason, who, at_s", bind.dialect.name
    )


def _hotlist(made: str, columns: str, engine: str) -> None:
    op.execute("ALTER TABLE hotlist RENAME TO hotlist_before")
    for name in ("no_update", "no_delete"):
        op.execute(f"DROP TRIGGER hotlist_{name}" + (" ON hotlist_before" if engine == "postgresql" else ""))
    for statement in dialect.statements(made, engine):
        op.execute(statement)
    op.execute(f"INSERT INTO hotlist SELECT {columns} FROM hotlist_before")
    op.execute("DROP TABLE hotlist_before")
    for statement in dialect.append_only("hotlist", engine):
        op.execute(statement)
