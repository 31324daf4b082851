"""Operators with roles, limits, passwords and sessions. Who was there had a token only: a machine."""

from pathlib import Path

from alembic import op

from host.db import dialect

revision = "0004"
down_revision = "0003"

# Present state; its history is operator_changes.
CHANGED_IN_PLACE = ("operator_tokens",)
SQL = Path(__file__).with_suffix(".sql")
_BEFORE = (
    "CREATE TABLE operators (name TEXT PRIMARY KEY, token_sha256 BLOB NOT NULL UNIQUE, load_limit_fen INTEGER"
    " NOT NULL CHECK (load_limit_fen >= 0), made_at_s INTEGER NOT NULL) STRICT"
)
_TOKEN = "SELECT t.sha256 FROM operator_tokens t WHERE t.operator = o.name AND t.ended_at_s IS NULL"


def upgrade() -> None:
    """Take the operators over, each with the token it has."""
    engine = op.get_bind().dialect.name
    op.execute("ALTER TABLE operators RENAME TO operators_before")
    for statement in dialect.statements(SQL.read_text(encoding="utf-8"), engine):
        op.execute(statement)
    op.execute(
        "INSERT INTO operators (name, roles, load_limit_fen, refund_limit_fen, state, failures,"
        " locked_until_s, made_at_s) SELECT name, 'machine', load_limit_fen, load_limit_fen, 'active', 0, 0,"
        " made_at_s FROM operators_before"
    )
    op.execute(
        "INSERT INTO operator_tokens (sha256, operator, made_at_s)"
        " SELECT token_sha256, name, made_at_s FROM operators_before"
    )
    op.execute("DROP TABLE operators_before")
    for statement in dialect.append_only("operator_changes", engine):
        op.execute(statement)


def downgrade() -> None:
    """Back to one token each; only while nobody has a password or did without a token."""
    bind = op.get_bind()
    lost = f"SELECT 1 FROM operators o WHERE o.password IS NOT NULL OR NOT EXISTS ({_TOKEN})"
    if bind.exec_driver_sql(lost).fetchone() is not None:
        raise ValueError("these books have operators with passwords: they are not taken away")
    op.execute("ALTER TABLE operators RENAME TO operators_after")
    for statement in dialect.statements(_BEFORE, bind.dialect.name):
        op.execute(statement)
    op.execute(
        f"INSERT INTO operators SELECT o.name, ({_TOKEN}), o.load_limit_fen, o.made_at_s"
        " FROM operators_after o"
    )
    for table in ("operator_changes", "operator_tokens", "operators_after"):
        op.execute(f"DROP TABLE {table}")
