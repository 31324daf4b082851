"""Lots: points and vouchers that expire, the oldest spent first."""

from pathlib import Path

from alembic import op

from host.db import dialect
from host.db.migrations import step

revision = "0002"
down_revision = "0001"

CHANGED_IN_PLACE = ("lots",)


def upgrade() -> None:
    """Make the tables."""
    step.make(Path(__file__), append_only=("lot_uses",))
    engine = op.get_bind().dialect.name
    for statement in [
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
    step.must_be_none("lots", "lots")
    step.drop("lot_uses", "lots")
