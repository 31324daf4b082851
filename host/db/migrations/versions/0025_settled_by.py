"""Which persons said how an open sale ended; NULL where the card's own proofs did."""

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Add the column: of what was settled before nobody is named."""
    op.execute("ALTER TABLE settlements ADD COLUMN who TEXT")


def downgrade() -> None:
    """Only while nobody is named."""
    if op.get_bind().exec_driver_sql("SELECT 1 FROM settlements WHERE who IS NOT NULL LIMIT 1").fetchone():
        raise ValueError("these books say who settled open sales: that is not taken away")
    op.execute("ALTER TABLE settlements DROP COLUMN who")
