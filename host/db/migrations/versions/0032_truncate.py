"""PostgreSQL's TRUNCATE empties no table of which rows can't be deleted. New tables are made so."""

from alembic import op

from host.db import dialect

revision = "0032"
down_revision = "0031"

GUARDED = (
    "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n"
    " ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND t.tgname = c.relname || '_{what}'"
)


def upgrade() -> None:
    """A trigger more, where there is none yet."""
    for table in sorted(_guarded("no_delete") - _guarded("no_truncate")):
        for statement in dialect.no_truncate(table, "postgresql"):
            op.execute(statement)


def downgrade() -> None:
    """Without them."""
    for table in sorted(_guarded("no_truncate")):
        op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")


def _guarded(what: str) -> set[str]:
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return set()
    return {row[0] for row in bind.exec_driver_sql(GUARDED.format(what=what))}
