"""What a batch has read of the books beside its accounts: remembered for the next one if nobody has written
since (host.db.connection.Connection.remember)."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from host.db.connection import Connection
from host.ledger.entries import Seller
from host.terminals.reported import sequences
from host.terminals.reported.sequences import Epoch, Held

EPOCHS_MAX = 2000  # that are remembered from one batch to the next
T = TypeVar("T")


class Session:
    """A kiosk's nonce, None before its hello and when it is revoked, the number of the last message to it,
    and the last number that is taken: what the table says, so that whoever reads it goes on above."""

    __slots__ = ("counter", "nonce", "taken")

    def __init__(self, nonce: bytes | None, counter: int) -> None:
        self.nonce = nonce
        self.counter = self.taken = counter


class Standing:
    """Epochs and sellers are kept in step with all that is decided; the rest only with plain sales, and is
    forgotten when anything else was."""

    def __init__(self) -> None:
        self._held: dict[Epoch, Held] = {}
        self._looks: dict[Callable[[Connection], Any], Any] = {}
        self._sessions: dict[int, Session] = {}
        self.sellers: dict[str, Seller] = {}  # by kiosk, as far as its sales were opened

    def forget(self) -> None:
        """Something else than a plain sale was decided, or a message made: tables may say something new."""
        self._looks.clear()
        self._sessions.clear()

    def look(self, connection: Connection, at: Callable[[Connection], T]) -> T:
        """What `at` reads, which no plain sale changes: asked once."""
        if at not in self._looks:
            self._looks[at] = at(connection)
        found: T = self._looks[at]
        return found

    def held(self, connection: Connection, epochs: Iterable[Epoch]) -> dict[Epoch, Held]:
        """What is held of epochs, and of some others."""
        known = self._held
        if len(known) > EPOCHS_MAX:
            known.clear()
        known |= sequences.held(connection, [epoch for epoch in epochs if epoch not in known])
        return known

    def sessions(self, connection: Connection, kiosks: Iterable[int]) -> dict[int, Session]:
        """Where the conversation with these kiosks stands, and with some others; by number. Whoever uses a
        number has it taken in the table (host.terminals.reported.acks)."""
        known = self._sessions
        new = [kiosk for kiosk in kiosks if kiosk not in known]
        if new:
            sql = f"SELECT kiosk, nonce, down_counter FROM kiosk_sessions WHERE kiosk IN {connection.INTS}"
            for kiosk, nonce, counter in connection.tuples(sql, (connection.ints(new),)):
                known[kiosk] = Session(None if nonce is None else bytes(nonce), counter)
        return known
