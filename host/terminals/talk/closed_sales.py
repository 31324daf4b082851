"""Open sales that their kiosk may forget: then their card pays there as any other.

    decided by two persons     at once: they told the customer
    settled by the card        a day later: till then the kiosk itself says at the next tap how it ended
    open for AGE_S             what the card did its next proofs say, wherever they come from

A kiosk says in its hello whether it waits for any. It is told at each hello, and answers nothing: its next
one has fewer.
"""

from host import clock
from host.db.connection import Connection
from host.terminals.fleet.kiosks import Kiosk
from host.terminals.line.traffic import Down
from host.terminals.talk.news import sealed_for
from protocol.wire import resend

DAY_S = 86_400
AGE_S = 30 * DAY_S
_SQL = (
    "SELECT u.epoch, u.counter, coalesce(min(s.at_s + CASE WHEN s.who IS NULL THEN ? ELSE 0 END),"
    " min(r.received_s) + ?) AS from_s FROM unsettled u"
    " JOIN reports r ON r.kiosk = u.kiosk AND r.epoch = u.epoch AND r.counter = u.counter"
    " LEFT JOIN settlements s ON s.kiosk = u.kiosk AND s.epoch = u.epoch AND s.counter = u.counter"
    " WHERE u.kiosk = ? GROUP BY u.epoch, u.counter"
)


def tell(connection: Connection, kiosk: Kiosk, waits_for: int) -> list[Down]:
    """The newest that it may forget, a message for each epoch; waits_for: how many it remembers."""
    if not waits_for:
        return []
    rows = connection.execute(
        f"SELECT epoch, counter FROM ({_SQL}) AS ended WHERE from_s <= ? ORDER BY from_s DESC LIMIT ?",
        (DAY_S, AGE_S, kiosk.number, clock.now_s(), resend.RANGES_MAX),
    ).fetchall()
    sales: dict[int, list[list[int]]] = {}
    for epoch, counter in sorted(tuple(row) for row in rows):
        sales.setdefault(epoch, []).append([counter, counter])
    return [
        sealed_for(connection, kiosk, resend.CLOSED, epoch=epoch, sales=ended)
        for epoch, ended in sales.items()
    ]
