"""One good request of every command, as a table: what the tests of bad input spoil."""

from dataclasses import dataclass

from tests.simulator.card.reader_side import Reader
from tests.simulator.card.rich import AID, BACKUP, CYCLIC, LINEAR, STANDARD, TMAC, VALUE, WAYS, key
from tests.simulator.card.terminal import span


@dataclass(frozen=True)
class Request:
    """`mode`: "file" for the file's own, "full" or "command". `answer_bytes`: how many bytes come back.

    `after` runs first, so that there is something to commit. `only`: the ways in which the command exists.
    """

    name: str
    level: str
    cmd: int
    header: bytes = b""
    data: bytes = b""
    mode: str = "command"
    answer_bytes: int = 0
    after: "Request | None" = None
    only: tuple[str, ...] = tuple(WAYS)
    changes: bool = False

    def __str__(self) -> str:
        return self.name

    def built(self, reader: Reader, comm: str) -> bytes:
        """All that follows the command byte; moves the reader's chain."""
        mode = comm if self.mode == "file" else self.mode
        return self.header + reader.body(self.cmd, self.header, self.data, mode)


SECURE = ("D40", "EV1-2K3DES", "EV1-3K3DES", "EV1-AES", "EV2")
HEAD = b"\x03" + bytes.fromhex("0000")  # comm full, rights of key 0
DEBIT = Request("debit", "application", 0xDC, bytes([VALUE]), b"\x01\x00\x00\x00", "file")
NEW_FILE = bytes([9]) + HEAD


def create(name: str, cmd: int, rest: str) -> Request:
    return Request(name, "application", cmd, NEW_FILE + bytes.fromhex(rest), changes=True)


REQUESTS = [
    Request("version", "card", 0x60, answer_bytes=28),
    Request("uid", "card", 0x51, mode="command", answer_bytes=7, only=SECURE),
    Request("free memory", "card", 0x6E, answer_bytes=3),
    Request("application ids", "card", 0x6A, answer_bytes=3),
    Request("df names", "card", 0x6D, answer_bytes=9),
    Request("key version", "card", 0x64, b"\x00", answer_bytes=1),
    Request("key settings", "card", 0x45, answer_bytes=2),
    Request("change key settings", "card", 0x54, b"", b"\x08", "full", only=SECURE, changes=True),
    Request("configure", "card", 0x5C, b"\x00", b"\x01", "full", only=SECURE, changes=True),
    Request("default key", "card", 0x5C, b"\x01", bytes(range(25)), "full", only=SECURE, changes=True),
    Request("create application", "card", 0xCA, bytes.fromhex("4455660F82"), changes=True),
    Request("delete application", "card", 0xDA, AID, only=SECURE, changes=True),
    Request("format", "card", 0xFC, only=SECURE, changes=True),
    Request("file ids", "application", 0x6F, answer_bytes=6),
    Request("iso file ids", "application", 0x61, answer_bytes=2),
    Request("file settings", "application", 0xF5, bytes([STANDARD]), answer_bytes=7),
    Request(
        "change settings", "application", 0x5F, b"\x01", b"\x00\xee\xee", "full", only=SECURE, changes=True
    ),
    Request("delete file", "application", 0xDF, bytes([CYCLIC]), changes=True),
    create("standard file", 0xCD, "200000"),
    create("backup file", 0xCB, "200000"),
    create("value file", 0xCC, "00000000" + "0A000000" + "05000000" + "00"),
    create("linear file", 0xC1, "100000" + "030000"),
    create("cyclic file", 0xC0, "100000" + "030000"),
    Request("read", "application", 0xBD, b"\x01" + span(3, 40), mode="file", answer_bytes=40),
    Request("read tmac", "application", 0xAD, bytes([TMAC]) + span(0, 12), b"", "file", 12),
    Request("write", "application", 0x3D, b"\x01" + span(5, 30), bytes(30), "file", changes=True),
    Request("write whole", "application", 0x8D, b"\x01" + span(5, 30), bytes(30), "file", changes=True),
    Request("write backup", "application", 0x3D, bytes([BACKUP]) + span(5, 30), bytes(30), "file"),
    Request("value", "application", 0x6C, bytes([VALUE]), b"", "file", 4),
    DEBIT,
    Request("credit", "application", 0x0C, bytes([VALUE]), b"\x01\x00\x00\x00", "file"),
    Request("limited credit", "application", 0x1C, bytes([VALUE]), b"\x01\x00\x00\x00", "file"),
    Request("records", "application", 0xBB, bytes([LINEAR]) + span(1, 2), b"", "file", 40),
    Request("write record", "application", 0x3B, bytes([CYCLIC]) + span(2, 9), bytes(9), "file"),
    Request("update record", "application", 0xDB, bytes([LINEAR]) + bytes(3) + span(2, 9), bytes(9), "file"),
    Request("clear", "application", 0xEB, bytes([LINEAR])),
    Request("commit", "application", 0xC7, after=DEBIT, changes=True),
    Request("abort", "application", 0xA7, after=DEBIT),
]


def change_of_another_key(kind: str, reader: Reader) -> tuple[bytes, bytes]:
    """Data and tail of ChangeKey for key 1 in a session of key 0."""
    old, new = key(kind, 1).value, key(kind, 7).value
    data = bytes(a ^ b for a, b in zip(new, old, strict=True)) + (b"\x05" if kind == "AES" else b"")
    return data, reader.crc(new)
