"""DESFire commands in ISO 7816-4 clothes, and procedures that carry no reader with them.

A procedure is a generator: it yields a command APDU (bytes), is sent the card's answer (bytes, status
word at its end) and returns its result, so the kiosk awaits it, the host calls it and a relay forwards it.
"""

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import TypeVar

    T = TypeVar("T")

OK = 0x00
MORE = 0xAF
BOUNDARY_ERROR = 0xBE
AUTHENTICATION_ERROR = 0xAE
DUPLICATE = 0xDE

FRAMES_MAX = 32  # of one answer; our longest takes five, and a hostile card must not hold a kiosk for ever


class CardError(Exception):
    """The card refused, or its answer does not prove that it holds the key.

    `status` is the card's status byte (DESFire data sheet), or None when the answer itself is wrong.
    """

    def __init__(self, sentence: str, status: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status


def wrap(command: int, body: bytes = b"") -> bytes:
    """Native command byte and body -> 90 INS 00 00 [Lc body] 00."""
    if not body:
        return bytes([0x90, command, 0, 0, 0])
    return bytes([0x90, command, 0, 0, len(body)]) + body + b"\x00"


def unwrap(answer: bytes) -> tuple[int, bytes]:
    """Answer `data 91 ST` -> (status, data); CardError when it is no DESFire answer."""
    if len(answer) < 2 or answer[-2] != 0x91:
        raise CardError("answer is not a DESFire answer")
    return answer[-1], bytes(answer[:-2])


def exchange(command: int, body: bytes = b"") -> "Generator[bytes, bytes, bytes]":
    """Procedure: one command with all its answer frames -> data. CardError on any status but OK."""
    status, data = unwrap((yield wrap(command, body)))
    frames = 1
    while status == MORE:
        frames += 1
        if frames > FRAMES_MAX:
            raise CardError("card's answer to command %02X does not end" % command)
        status, more = unwrap((yield wrap(MORE)))
        data += more
    if status != OK:
        # a refusal after part of an answer does not say that the command did nothing
        refusal = status if frames == 1 else None
        raise CardError("card refused command %02X with status %02X" % (command, status), refusal)
    return data


def select(aid: bytes) -> "Generator[bytes, bytes, bytes]":
    """Procedure: SelectApplication."""
    return (yield from exchange(0x5A, aid))


def run(procedure: "Generator[bytes, bytes, T]", transceive: "Callable[[bytes], bytes]") -> "T":
    """Run a procedure over transceive(apdu: bytes) -> answer: bytes; its result."""
    try:
        apdu = next(procedure)
        while True:
            apdu = procedure.send(transceive(apdu))
    except StopIteration as done:
        result: T = done.value
        return result
