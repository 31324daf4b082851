"""Acknowledgements: what the books hold of a kiosk's numbers, sealed for the way down."""

from struct import Struct
from typing import Any

from host.db.connection import Connection
from host.terminals.fleet.kiosks import Kiosk
from host.terminals.line.traffic import Down
from host.terminals.reported.senders import Sender
from host.terminals.reported.standing import Standing
from protocol.wire import cbor, envelope, messages, topics
from protocol.wire.mac import MAC_SIZE

VERDICTS_MAX = 64
# Numbers of messages to a kiosk that are taken out of the table at once: a batch in so many writes there.
TAKEN = 16
# [counter, code, balance] in CBOR, where both numbers have 2 or 4 bytes: nearly all of them.
_HH, _HI, _IH, _II = (Struct(f"!BB{shape[0]}BB{shape[1]}").pack for shape in ("HH", "HI", "IH", "II"))


def acks(
    connection: Connection, decided: list[Sender], standing: Standing
) -> tuple[list[Down], dict[Kiosk, Exception]]:
    """What the ledger holds, and its verdicts, in parts if many; nothing before a hello.

    Also the kiosks for which that could not be made, and why: the others don't suffer.
    """
    numbers = {one.kiosk.number for one in decided}
    sessions = standing.sessions(connection, numbers)
    down: list[Down] = []
    failed: dict[Kiosk, Exception] = {}
    for one in decided:
        session = sessions[one.kiosk.number]
        if session.nonce is None:
            continue
        try:
            made = _parts(one, session.nonce, session.counter)
        except Exception as error:
            failed[one.kiosk] = error
            continue
        session.counter += len(made)
        down += made
    taken = 0 if connection.LOCKED else TAKEN  # where others decide too, they are read again for each batch
    counters: list[int | None] = []
    for number in sorted(numbers):
        session = sessions[number]
        if session.counter > session.taken:
            session.taken = session.counter + taken
            counters += number, session.taken
    connection.update_flat("kiosk_sessions", "kiosk", "down_counter", counters)
    return down, failed


def _parts(one: Sender, nonce: bytes, counter: int) -> list[Down]:
    parts = []
    for at in range(0, max(1, len(one.verdicts)), VERDICTS_MAX):
        part = one.verdicts[at : at + VERDICTS_MAX]
        ranges = one.held.chosen([verdict[0] for verdict in part]) if one.held.ranges else []
        counter += 1
        told = content(nonce, one.epoch, one.held.upto, ranges, part)
        kiosk = one.kiosk
        message = kiosk.down_head + cbor.head(0, counter) + told
        mac = kiosk.down_mac.copy()
        mac.update(message)
        parts.append((topics.down(kiosk.name), message + mac.finalize()[:MAC_SIZE]))
    return parts


def content(
    nonce: bytes, epoch: int, upto: int, ranges: list[list[int]], verdicts: list[tuple[int, int, int]]
) -> bytes:
    """What envelope.content() makes of an ack with these fields: a test holds the two against each other.

    A batch of a thousand reports has a thousand verdicts; the general way took a tenth of its time.
    """
    said = [_verdict(*verdict) for verdict in verdicts]
    start = b"\x11\xa5\x01" + cbor.head(2, len(nonce)) + nonce + b"\x02" + cbor.head(0, epoch)
    held = b"\x03" + cbor.head(0, upto) + b"\x04" + (cbor.encode(ranges) if ranges else b"\x80")
    return start + held + b"\x05" + cbor.head(4, len(said)) + b"".join(said)


def _verdict(counter: int, code: int, balance_fen: int) -> bytes:
    if code < 24 and 0xFF < counter <= messages.U32 and 0xFF < balance_fen <= messages.U32:
        if counter <= 0xFFFF:
            if balance_fen <= 0xFFFF:
                return _HH(0x83, 0x19, counter, code, 0x19, balance_fen)
            return _HI(0x83, 0x19, counter, code, 0x1A, balance_fen)
        if balance_fen <= 0xFFFF:
            return _IH(0x83, 0x1A, counter, code, 0x19, balance_fen)
        return _II(0x83, 0x1A, counter, code, 0x1A, balance_fen)
    balance = cbor.head(0, balance_fen) if balance_fen >= 0 else cbor.head(1, -1 - balance_fen)
    return b"\x83" + cbor.head(0, counter) + cbor.head(0, code) + balance


def sealed(kiosk: Kiosk, kind: int, nonce: bytes, sequence: tuple[int, int], values: dict[str, Any]) -> Down:
    """A message down; sequence: (stream, this kiosk's next number in it)."""
    body = messages.body(kind, nonce=nonce, **values)
    payload = envelope.seal(kiosk.down_key, messages.DOWN, kiosk.name, sequence, kind, body)
    return topics.down(kiosk.name), payload
