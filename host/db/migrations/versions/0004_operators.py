"""Operators with roles, limits, passwords and sessions. Who was there had a token only: a machine."""

from pathlib import Path

from alembic import op

from host.db.migrations import step

revision = "0004"
down_revision = "0003"

# Present state; its history is operator_changes.
CHANGED_IN_PLACE = ("operator_tokens",)
_BEFORE = (
    "CREATE TABLE operators (name TEXT PRIMARY KEY, token_sha256 BLOB NOT NULL UNIQUE, load_limit_fen INTEGER"
    " NOT NULL CHECK (load_limit_fen >= 0), made_at_s INTEGER NOT NULL) STRICT"
)
_TOKEN = "SELECT t.sha256 FROM operator_tokens t WHERE t.operator = o.name AND t.ended_at_s IS NULL"


def upgrade() -> None:
    """Take the operators over, each with the token it has."""
    op.execute("ALTER TABLE operators RENAME TO operators_before")
    step.make(Path(__file__), append_only=("operator_changes",))
    op.execute(
        "INSERT INTO operators (name, roles, load_limit_fen, refund_limit_fen, state, failures,"
        " locked_until_s, made_at_s) SELECT name, 'machine', load_limit_fen, load_limit_fen, 'active', 0, 0,"
        " made_at_s FROM operators_before"
    )
    op.execute(
        "INSERT INTO operator_tokens (sha256, operator, made_at_s)"
        " SELECT token_sha256, name, made_at_s FROM operators_before"
    )
    step.drop("operators_before")


def downgrade() -> None:
    """Back to one token each; only while nobody has a password or did without a token."""
    lost = f"operators o WHERE o.password IS NOT NULL OR NOT EXISTS ({_TOKEN})"
    step.must_be_none(lost, "operators with passwords")
    op.execute("ALTER TABLE operators RENAME TO operators_after")
    step.make(_BEFORE)
    op.execute(
        f"INSERT INTO operators SELECT o.name, ({_TOKEN}), o.load_limit_fen, o.made_at_s"
        " FROM operators_after o"
    )
    step.drop("operator_changes", "operator_tokens", "operators_after")
