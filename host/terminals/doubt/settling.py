"""How the sales ended whose answer was lost: paid or not, and who says so."""

from host import alarms, clock
from host.db.connection import Connection


def settled(
    connection: Connection,
    kiosk_no: int,
    epoch: int,
    counter: int,
    paid: int,
    proven: bool,
    who: str | None = None,
) -> None:
    """The sale that was open under this number is decided; told both ways it is alarmed, and proof wins.

    who: the person who said so, None: a card or its kiosk did.
    """
    number = (kiosk_no, epoch, counter)
    is_new = connection.execute(
        "INSERT INTO settlements (kiosk, epoch, counter, paid, proven, at_s, who)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (*number, paid, int(proven), clock.now_s(), who),
    ).rowcount
    other = connection.execute(
        "SELECT 1 FROM settlements WHERE kiosk = ? AND epoch = ? AND counter = ? AND paid <> ?",
        (*number, paid),
    ).fetchone()
    if not is_new or other is None:
        return
    (name,) = connection.execute("SELECT name FROM kiosks WHERE number = ?", (kiosk_no,)).fetchone()
    result = {1: "paid", 0: "not paid", None: "open: nothing proves either"}[
        outcome(connection, kiosk_no, epoch, counter)
    ]
    alarms.raise_once(
        connection,
        "settlement-contradiction",
        f"{name} {epoch}.{counter}",
        f"{name} tells sale {epoch}.{counter} as paid and as not paid; it counts as {result}.",
    )


def outcome(connection: Connection, kiosk_no: int, epoch: int, counter: int) -> int | None:
    """1 paid, 0 not paid; None: nobody told, or it was told both ways and neither is proven."""
    rows = connection.execute(
        "SELECT paid, proven FROM settlements WHERE kiosk = ? AND epoch = ? AND counter = ?",
        (kiosk_no, epoch, counter),
    ).fetchall()
    told = [row for row in rows if row["proven"]] or rows
    return int(told[0]["paid"]) if len(told) == 1 else None
