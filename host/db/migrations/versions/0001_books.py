"""The books: accounts and transactions, cards, kiosks and what they reported."""

from pathlib import Path

from alembic import op

from host.db import dialect

revision = "0001"
down_revision = None

# Present state, of which only the newest counts; every other table says what happened.
CHANGED_IN_PLACE = (
    "settings",
    "operators",
    "accounts",
    "chains",
    "purses",
    "purse_gaps",
    "revisions",
    "kiosks",
    "kiosk_sessions",
    "kiosk_epochs",
    "kiosk_ranges",
)
SQL = Path(__file__).with_suffix(".sql")


def _tables(statements: list[str]) -> list[str]:
    return [part.split()[2] for part in statements if part.startswith("CREATE TABLE")]


def upgrade() -> None:
    """Make all tables."""
    engine = op.get_bind().dialect.name
    made = dialect.statements(SQL.read_text(encoding="utf-8"), engine)
    for statement in [*dialect.preamble(engine), *made]:
        op.execute(statement)
    for table in _tables(made):
        if table not in CHANGED_IN_PLACE:
            for statement in dialect.append_only(table, engine):
                op.execute(statement)
    name = "UPDATE OF id, owner, unit, kind, below_zero"
    for statement in [
        *dialect.refuse("accounts_no_delete", "DELETE", "accounts", dialect.APPEND_ONLY, engine),
        *dialect.refuse("accounts_keep_their_name", name, "accounts", "only the balance changes", engine),
        *dialect.below_zero(engine),
    ]:
        op.execute(statement)


def downgrade() -> None:
    """Take everything away; only for books that were never used."""
    bind = op.get_bind()
    engine = bind.dialect.name
    if bind.exec_driver_sql("SELECT 1 FROM transactions LIMIT 1").fetchone() is not None:
        raise ValueError("these books have transactions: they are not taken away")
    made = dialect.statements(SQL.read_text(encoding="utf-8"), engine)
    for table in reversed(_tables(made)):
        op.execute(f"DROP TABLE {table}")
    if engine == "postgresql":
        op.execute("DROP FUNCTION below_zero()")
    for statement in dialect.undo_preamble(engine):
        op.execute(statement)
