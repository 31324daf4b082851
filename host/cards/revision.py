"""How often a card's state or the hotlist has changed: what is kept of cards in memory is as old as that."""

from host.db.connection import Connection


def of_cards(connection: Connection) -> int:
    """The revision that this transaction sees."""
    row = connection.execute("SELECT revision FROM revisions WHERE name = 'cards'").fetchone()
    return int(row[0])


def raise_(connection: Connection) -> None:
    """Something changed; said in the transaction that changes it."""
    connection.execute("UPDATE revisions SET revision = revision + 1 WHERE name = 'cards'")


def grown(connection: Connection, name: str, most: int) -> int | None:
    """One more of what is counted under this name -> how many by now; None when it was the most already."""
    row = connection.execute(
        "UPDATE revisions SET revision = revision + 1 WHERE name = ? AND revision < ? RETURNING revision",
        (name, most),
    ).fetchone()
    return None if row is None else int(row[0])
