"""Sales whose answer was lost, as their kiosks told of them: a look at the books, open to the web too."""

from typing import NamedTuple

from host.db.connection import Connection
from host.ledger.purse import CardMove

UNKNOWN = -1  # instead of a counter: an early program did not tell it
_SALE = (
    "SELECT u.uid, u.issue, u.kiosk, k.name, u.epoch, u.counter, u.amount_fen,"
    f" coalesce(u.tmc, {UNKNOWN}), coalesce(u.value_fen, 0), u.happened_s"
    " FROM unsettled u JOIN kiosks k ON k.number = u.kiosk WHERE "
)
_OPEN = (
    "NOT EXISTS (SELECT 1 FROM settlements s WHERE s.kiosk = u.kiosk AND s.epoch = u.epoch"
    " AND s.counter = u.counter)"
)


class OpenSale(NamedTuple):
    """tmc, value_fen: of the card before it; tmc may be UNKNOWN."""

    uid: bytes
    issue: int
    kiosk: int
    name: str
    epoch: int
    counter: int
    amount_fen: int
    tmc: int
    value_fen: int
    happened_s: int

    @property
    def number(self) -> str:
        """K1 1.7"""
        return f"{self.name} {self.epoch}.{self.counter}"

    @property
    def move(self) -> CardMove:
        """What the card did if it committed it."""
        after_fen = self.value_fen - self.amount_fen
        return CardMove(self.uid, self.issue, self.tmc + 1, -self.amount_fen, after_fen)


def of_card(connection: Connection, uid: bytes, issue: int) -> list[OpenSale]:
    """A card's sales that nobody has settled yet and whose counter is known, the oldest first."""
    rows = connection.execute(
        f"{_SALE} u.uid = ? AND u.issue = ? AND u.tmc IS NOT NULL AND {_OPEN}"
        " ORDER BY u.tmc, u.kiosk, u.epoch, u.counter",
        (uid, issue),
    )
    return [OpenSale(*row) for row in rows]


def newest(connection: Connection, limit: int) -> list[OpenSale]:
    """Sales of any card that nobody has settled yet, the latest first."""
    rows = connection.execute(
        f"{_SALE} {_OPEN} ORDER BY u.happened_s DESC, u.kiosk, u.epoch, u.counter LIMIT ?", (limit,)
    )
    return [OpenSale(*row) for row in rows]


def find(connection: Connection, kiosk: str, epoch: int, counter: int) -> OpenSale | None:
    """The one under this number, settled or not; None: nothing was left open under it."""
    row = connection.execute(
        f"{_SALE} k.name = ? AND u.epoch = ? AND u.counter = ?", (kiosk, epoch, counter)
    ).fetchone()
    return None if row is None else OpenSale(*row)
