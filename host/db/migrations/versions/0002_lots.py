"""Lots: points and vouchers that expire, the oldest spent first."""

from pathlib import Path

from alembic import op

from host.db import dialect

revision = "0002"
down_revision = "0001"

CHANGED_IN_PLACE = ("lots",)
SQL = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Make the tables."""
    engine = op.get_bind().dialect.name
    for statement in dialect.statements(SQL.read_text(encoding="utf-8"), engine):
        op.execute(statement)
    for statement in [
        *dialect.append_only("lot_uses", engine),
        *dialect.refuse("lots_no_delete", "DELETE", "lots", dialect.APPEND_ONLY, engine),
        *dialect.refuse(
            "lots_keep_their_terms",
            "UPDATE OF transfer_id, account_id, amount, expires_s",
            "lots",
            "only what remains changes",
            engine,
        ),
    ]:
        op.execute(statement)


def downgrade() -> None:
    """Take the lots away; only while there are none."""
    if op.get_bind().exec_driver_sql("SELECT 1 FROM lots LIMIT 1").fetchone() is not None:
        raise ValueError("these books have lots: they are not taken away")
    op.execute("DROP TABLE lot_uses")
    op.execute("DROP TABLE lots")
