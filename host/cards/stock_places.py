"""Where blank cards are: what the rows of card_stock come to (see stock.py)."""

from typing import Any

from host.db.connection import Connection


def state_of(connection: Connection, uid: bytes) -> tuple[int, str, str | None] | None:
    """(batch, state, desk) of a card that is listed or was used; None for one the stock does not know."""
    row = connection.execute(
        "SELECT batch, state, desk FROM card_stock WHERE uid = ? ORDER BY id DESC LIMIT 1", (uid,)
    ).fetchone()
    if row is None:
        return None
    return row["batch"], row["state"], row["desk"] if row["state"] in ("issued", "used") else None


def summary(connection: Connection) -> list[dict[str, Any]]:
    """[{batch, supplier, count, listed, who, at, blank, void, used, desks: {desk: issued}}], oldest first."""
    made = []
    for row in connection.execute("SELECT * FROM card_batches ORDER BY id").fetchall():
        by_place = _by_place(connection, row["id"])
        desks = {desk: count for (state, desk), count in by_place.items() if state == "issued" and count}
        sums = {
            state: sum(count for (found, _), count in by_place.items() if found == state)
            for state in ("blank", "used", "void")
        }
        told = {key: row[key] for key in ("supplier", "count", "who")}
        made.append(
            {
                "batch": row["name"],
                **told,
                "listed": bool(row["listed"]),
                "at": row["at_s"],
                **sums,
                "desks": desks,
            }
        )
    return made


def counted(connection: Connection, batch_id: int, state: str, desk: str) -> int:
    """How many cards of a batch are in the house (`blank`), or `issued` to that desk."""
    return _by_place(connection, batch_id).get((state, desk if state == "issued" else None), 0)


def _by_place(connection: Connection, batch_id: int) -> dict[tuple[str, str | None], int]:
    """{(state, desk): cards there now}"""
    found: dict[tuple[str, str | None], int] = {}
    rows = connection.execute(
        "SELECT state, desk, sum(count) AS n FROM card_stock WHERE batch = ? GROUP BY state, desk",
        (batch_id,),
    ).fetchall()
    for row in rows:
        state, desk, count = row["state"], row["desk"], int(row["n"])
        place = desk if state in ("issued", "used") else None
        found[state, place] = found.get((state, place), 0) + count
        if state in ("used", "void", "blank") and desk is not None:  # they were at that desk before
            found["issued", desk] = found.get(("issued", desk), 0) - count
        elif state in ("issued", "void"):
            found["blank", None] = found.get(("blank", None), 0) - count
    return found
