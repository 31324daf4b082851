"""The virtual DESFire as a fuzz target: one input is a card, a session and what it hears.

Byte 0 chooses the way of messaging, byte 1 the level and how the card's files travel. Then step after step:

    kind | length | content

Kind 0 is an APDU as it is. Kinds 1, 2 and 3 are command byte, length of the header, header, data; we put the
data in plain, under MAC or encrypted, as no fuzzer finds a right MAC.
"""

from collections.abc import Iterator

from tests.simulator.card.requests import REQUESTS
from tests.simulator.card.rich import COMM_CODES, WAYS, reader_of, rich_card
from tests.simulator.card.soundness import check, hear

LEVELS = ("card", "application")
STEPS_MAX = 24
ISO = ("00A40400047269636800", "00A4000C02E101", "00B0810300", "00D681000141")
AUTHENTICATION = ("905A00000311223300", "0A00", "1A00", "AA00", "7100", "710000", "7700")
READ_ON = bytes.fromhex("0005" + "00B0000005")
_MODES = ("", "command", "mac", "full")


def steps(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Mode ("" for an APDU as it is) and content of each step."""
    at = 0
    for _ in range(STEPS_MAX):
        if at + 2 > len(data):
            return
        kind, length = data[at], data[at + 1]
        yield _MODES[kind % len(_MODES)], data[at + 2 : at + 2 + length]
        at += 2 + length


def card(data: bytes) -> None:
    """A card of tests/simulator/card/rich.py: it answers all, and a refusal changes nothing for good."""
    if len(data) < 2:
        return
    way = list(WAYS)[data[0] % len(WAYS)]
    comm = list(COMM_CODES)[data[1] // 2 % len(COMM_CODES)]
    held = rich_card(way, comm)
    reader = reader_of(held, way, LEVELS[data[1] % 2])
    for mode, content in steps(data[2:]):
        if mode and len(content) >= 2:
            cmd, header_end = content[0], 2 + content[1]
            header, body = content[2:header_end], content[header_end:]
            content = bytes([cmd]) + header + reader.body(cmd, header, body, mode)
        hear(held, content)
    check(held)


def seeds() -> Iterator[bytes]:
    """Each command alone in each way of messaging, as the tables of the card's tests have them."""
    for number, way in enumerate(WAYS):
        for request in REQUESTS:
            modes = COMM_CODES if request.mode == "file" and way != "plain" else ("plain",)
            for code, comm in enumerate(modes if way in request.only else ()):
                mode = request.mode if request.mode != "file" else comm.replace("plain", "command")
                chain = [request] if request.after is None else [request.after, request]
                start = bytes([number, LEVELS.index(request.level) + 2 * code])
                yield start + b"".join(_step(mode, part.cmd, part.header, part.data) for part in chain)
    for text in ISO + AUTHENTICATION:
        raw = bytes.fromhex(text)
        yield bytes([0, 1, 0, len(raw)]) + raw + READ_ON


def _step(mode: str, cmd: int, header: bytes, data: bytes) -> bytes:
    content = bytes([cmd, len(header)]) + header + data
    return bytes([_MODES.index(mode), len(content)]) + content
