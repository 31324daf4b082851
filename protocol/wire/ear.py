"""What of all that arrives at a terminal is the host's word, fresh and not heard before."""

from protocol.wire import envelope, messages, online
from protocol.wire.mac import kiosk_keys

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from typing import Any


class Ear:
    """Of one connection: the nonce of its hello, and how far each stream of the host's numbers has come."""

    def __init__(self, name: str, secret: bytes, nonce: bytes) -> None:
        self._name, self._key, self.nonce = name, kiosk_keys(secret)[1], nonce
        self._last = [0, 0]
        self._behind = False  # the host's last word had a number that was used before
        self.why = ""  # the last message that did not count did not

    def hello(self, fresh: bytes) -> bytes:
        """The nonce to say hello with: `fresh` when the host's numbers went back, as those of one do that was
        restored from a copy; else it could say nothing that counts."""
        if self._behind:
            self.nonce, self._last, self._behind = fresh, [0, 0], False
        return self.nonce

    def hear(self, message: bytes) -> "tuple[int, dict[str, Any], dict[int, Any]] | None":
        """(kind, fields, body) of a message that counts, which none does twice; None for all else."""
        try:
            sequence, kind, body = envelope.open_(self._key, messages.DOWN, self._name, message)
        except envelope.EnvelopeError as error:
            self.why = str(error)
            return None
        values = messages.fields(kind, body)
        stream = online.STREAM if kind in online.WORDS else 0
        old = values["nonce"] != self.nonce or sequence[1] <= self._last[stream]
        if stream == 0 and values["nonce"] == self.nonce:
            self._behind = old
        if old or sequence[0] != stream:
            self.why = "it is old"
            return None
        self._last[stream] = sequence[1]
        return kind, values, body
