"""Reports lie in the order in which they came, and an index finds them by their number.

In the order of their numbers, as SQLite kept them before, each kiosk of a batch tore a page of its own apart:
of what a batch of 100 sales changed in the file two thirds was that. PostgreSQL has always kept them so.
Ten million reports take a minute or two to copy.
"""

from alembic import op

revision = "0024"
down_revision = "0023"

TABLE, COPY = "reports", "reports_in_order"
IN_ORDER, BY_NUMBER = " STRICT", " STRICT, WITHOUT ROWID"


def upgrade() -> None:
    """A table with numbers of its own."""
    _copy(BY_NUMBER, IN_ORDER)


def downgrade() -> None:
    """As it was: the same rows."""
    _copy(IN_ORDER, BY_NUMBER)


def _copy(old: str, new: str) -> None:
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        return
    schema = "SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND type = ? AND sql IS NOT NULL"
    (made,) = bind.exec_driver_sql(schema, (TABLE, "table")).one()
    triggers = [row[0] for row in bind.exec_driver_sql(schema, (TABLE, "trigger"))]
    columns = made[made.index("(") :].removesuffix(old)
    if columns.endswith("STRICT"):
        raise ValueError(f"the table {TABLE} is not as an earlier step made it")
    for statement in (
        f"CREATE TABLE {COPY} {columns}{new}",
        f"INSERT INTO {COPY} SELECT * FROM {TABLE} ORDER BY received_s, kiosk, epoch, counter",
        f"DROP TABLE {TABLE}",
        f"ALTER TABLE {COPY} RENAME TO {TABLE}",
        *triggers,
    ):
        bind.exec_driver_sql(statement)
