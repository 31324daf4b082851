"""A kiosk's epoch in one batch."""

from collections.abc import Iterable

from host.db.connection import Connection
from host.ledger.entries import Seller
from host.terminals.fleet.kiosks import Kiosk
from host.terminals.reported import sequences
from host.terminals.reported.sequences import Epoch, Held

EPOCHS_MAX = 2000  # that are remembered from one batch to the next


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


def remembered(
    connection: Connection, epochs: Iterable[Epoch], known: dict[Epoch, Held]
) -> dict[Epoch, Held]:
    """What is held of epochs. known: what the batch before left of them, if it is so still; what has to be
    read is put there for the next one."""
    if len(known) > EPOCHS_MAX:
        known.clear()
    known |= sequences.held(connection, [epoch for epoch in epochs if epoch not in known])
    return known
