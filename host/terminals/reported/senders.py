"""A kiosk's epoch in one batch."""

from host.ledger.entries import Seller
from host.terminals.fleet.kiosks import Kiosk
from host.terminals.reported.sequences import Held


class Sender:
    """What is held of the numbers of a kiosk's epoch, and what was decided about its reports.

    verdicts: (counter, code, balance in fen) that it is to be told; rows: values of the table reports, not
    written yet; seller: of its sales, None before their account is open, and of a revoked kiosk.
    """

    __slots__ = ("epoch", "held", "kiosk", "rows", "seller", "verdicts")

    def __init__(self, kiosk: Kiosk, epoch: int, held: Held) -> None:
        self.kiosk = kiosk
        self.epoch = epoch
        self.held = held
        self.verdicts: list[tuple[int, int, int]] = []
        self.rows: list[object] = []
        self.seller: Seller | None = None
