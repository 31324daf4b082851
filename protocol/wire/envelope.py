"""The envelope every message travels in.

    message = CBOR [version, direction, kiosk, epoch, counter, type, body] || MAC
    MAC     = first 16 bytes of HMAC-SHA256(direction key, all before it)

The order of checks matters: size and MAC come first, so whoever has no key reaches no parser deeper
than the kiosk's name, which is needed to find the key.
"""

from protocol.same import same
from protocol.wire import cbor, messages, rows
from protocol.wire.mac import MAC_SIZE, hmac_sha256

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from typing import Any

VERSION = 1
SIZE_MAX = 8192
KIOSK_NAME_MAX = 32


CODES = ("size", "mac", "shape", "version", "direction", "kiosk", "type", "amount", "field")


class EnvelopeError(ValueError):
    """Not a message of ours. `code` is one of the words in CODES; str() is a sentence.

    authentic: the MAC was right, so its partner made it; sequence is then (epoch, counter) if it can be read.
    """

    def __init__(
        self, code: str, sentence: str, authentic: bool = True, sequence: "tuple[int, int] | None" = None
    ) -> None:
        super().__init__(sentence)
        self.code, self.authentic, self.sequence = code, authentic, sequence


def is_kiosk_name(name: object) -> bool:
    """1 to 32 ASCII letters, digits, - or _ : safe in a topic, a file name and a log."""
    if not isinstance(name, str) or not 1 <= len(name) <= KIOSK_NAME_MAX:
        return False
    for c in name:
        if not ("a" <= c <= "z" or "A" <= c <= "Z" or "0" <= c <= "9" or c in "-_"):
            return False
    return True


def seal(
    key: bytes, direction: int, kiosk: str, sequence: tuple[int, int], kind: int, body: "dict[int, Any]"
) -> bytes:
    """Message bytes. key is the direction's 32-byte key; sequence is (epoch, counter)."""
    return seal_content(key, direction, kiosk, sequence, content(kind, direction, body))


def content(kind: int, direction: int, body: "dict[int, Any]") -> bytes:
    """The last two parts of a message, type and body, as they travel. MessageError."""
    messages.check(kind, direction, body)
    return cbor.encode(kind) + cbor.encode(body)


def record(counter: int, told: bytes) -> bytes:
    """One report inside a journal, from its counter and content."""
    return b"\x83" + cbor.encode(counter) + told


def journal_content(count: int, records: bytes) -> bytes:
    """The content of a journal, from its records one after the other."""
    return cbor.encode(messages.JOURNAL) + b"\xa1\x01" + cbor.head(4, count) + records


def seal_content(key: bytes, direction: int, kiosk: str, sequence: tuple[int, int], told: bytes) -> bytes:
    """As seal(), of a content that content() or journal_content() made."""
    head = [VERSION, direction, kiosk, sequence[0], sequence[1]]
    return with_mac(key, cbor.head(4, 7) + cbor.encode(head)[1:] + told)


def with_mac(key: bytes, message: bytes) -> bytes:
    """The whole message, from all that is before its MAC."""
    return message + hmac_sha256(key, message)[:MAC_SIZE]


def authentic(key: bytes, message: bytes) -> bool:
    """Is the MAC at the message's end right?"""
    return same(hmac_sha256(key, message[:-MAC_SIZE])[:MAC_SIZE], message[-MAC_SIZE:])


def open_(
    key: bytes, direction: int, kiosk: str, message: bytes
) -> "tuple[tuple[int, int], int, dict[int, Any]]":
    """Check a message -> ((epoch, counter), type, body); EnvelopeError with a code otherwise."""
    sequence, kind, body = parts(key, direction, kiosk, message)
    try:
        messages.check(kind, direction, body)
    except messages.MessageError as error:
        raise EnvelopeError(error.code, str(error), True, sequence)
    return sequence, kind, body


def parts(key: bytes, direction: int, kiosk: str, message: bytes) -> "tuple[tuple[int, int], int, Any]":
    """As open_(), with a body that nobody has looked at."""
    if not MAC_SIZE < len(message) <= SIZE_MAX:
        raise EnvelopeError("size", "message of %d bytes, at most %d" % (len(message), SIZE_MAX), False)
    if not authentic(key, message):
        raise EnvelopeError("mac", "MAC is wrong: not from this kiosk's partner, or damaged", False)
    try:
        found = cbor.decode(message[:-MAC_SIZE])
    except cbor.CborError as error:
        raise EnvelopeError("shape", "not deterministic CBOR: %s" % error)
    if not isinstance(found, list) or len(found) != 7:
        raise EnvelopeError("shape", "an envelope has 7 parts")
    version, towards, name, epoch, counter, kind, body = found
    if version != VERSION:
        raise EnvelopeError("version", "version %r, this program speaks %d" % (version, VERSION))
    if towards != direction:
        raise EnvelopeError("direction", "message goes the other way")
    if name != kiosk:
        raise EnvelopeError("kiosk", "message of another kiosk")
    for number, high in ((epoch, messages.U16), (counter, messages.U32), (kind, messages.U16)):
        if not isinstance(number, int) or not 0 <= number <= high:
            raise EnvelopeError("shape", "sequence or type out of range")
    if rows.row(kind) is None:
        raise EnvelopeError("type", "unknown message type %d" % kind, True, (epoch, counter))
    return (epoch, counter), kind, body
