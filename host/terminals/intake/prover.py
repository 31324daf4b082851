"""A process that opens kiosks' messages and checks Transaction MACs ahead of the writer of the books.

Started by host.terminals.intake.ahead, which tells it over a socket what it has to know: the keys of single
kiosks and cards, never a master key. It has no books and decides nothing: what is not a report that looks as
it should, or not proven by a key that it was told, the writer looks at by itself.
"""

import marshal
import signal
import socket
import sys
from typing import Any

from cryptography.hazmat.primitives.cmac import CMAC

from host.cards import proof
from host.terminals.fleet.kiosks import Kiosk
from host.terminals.intake.opening import at_once
from host.terminals.intake.pattern import PATTERNS
from host.terminals.intake.straight import PLAIN
from host.terminals.reported.report import Report
from protocol.wire.messages import SALE

HEAD_SIZE = 4  # bytes before a frame: how long it is
# Another process of this same program: no format could be quicker, and none has to outlive it.
FORMAT = 2
CARDS_MAX = 50_000  # about 1.3 KB each

KioskKey = tuple[int, str, int, bytes]  # number, name, issue, key of what it sends
Request = tuple[list[KioskKey], list[tuple[proof.Life, bytes]], list[tuple[int, bytes]]]
Found = tuple[int, int, int, tuple[Any, ...], bytes, bytes, int]  # of a report: see found()
Answer = list[list[Found] | None]  # of each message

NAMES = {(pattern.kind, pattern.names): at for at, pattern in enumerate(PATTERNS)}


class Prover:
    """What it was told so far, and its answers."""

    def __init__(self) -> None:
        self._kiosks: dict[int, Kiosk] = {}
        self._cards: dict[tuple[bytes, int], tuple[int, CMAC]] = {}

    def answer(self, request: Request) -> Answer:
        """request: kiosks and cards that are new, or have another key by now; and messages."""
        kiosks, cards, messages = request
        for number, name, issue, key in kiosks:
            self._kiosks[number] = Kiosk(number, name, issue, key, b"", b"")
        if len(self._cards) + len(cards) > CARDS_MAX:
            self._cards.clear()
        for (uid, card_issue, version), key in cards:
            self._cards[uid, card_issue] = version, proof.begun(key)
        return [self._opened(*message) for message in messages]

    def _opened(self, number: int, payload: bytes) -> list[Found] | None:
        """None: to be looked at by the writer."""
        reports = at_once(self._kiosks[number], payload)
        return None if reports is None else [self._found(report) for report in reports]

    def _found(self, report: Report) -> Found:
        """epoch, counter, place in PATTERNS, fields, content, its SHA-256, key version that proves it or 0"""
        at = NAMES[report.kind, report.names]
        place = (report.epoch, report.counter, at)
        return *place, report.told, report.encoded, report.digest, self._proven(report)

    def _proven(self, report: Report) -> int:
        told = report.told
        if report.kind != SALE or len(told) != len(PLAIN):
            return 0
        uid, issue, amount_fen, tmc, tmv, value_fen, happened_s = told
        version, begun = self._cards.get((uid, issue), (0, None))
        if begun is None:
            return 0
        number = (report.kiosk.number, report.epoch, report.counter)
        tmi = proof.debit_input(*number, amount_fen, value_fen, happened_s)
        return version if proof.proves(begun, uid, tmc, tmi, tmv) else 0


def send(line: socket.socket, content: Request | Answer) -> None:
    """One frame."""
    body = marshal.dumps(content, FORMAT)
    line.sendall(len(body).to_bytes(HEAD_SIZE, "big") + body)


def receive(line: socket.socket) -> Any:
    """The next frame's content. EOFError when the other side is gone."""
    return marshal.loads(_bytes(line, int.from_bytes(_bytes(line, HEAD_SIZE), "big")))


def _bytes(line: socket.socket, size: int) -> bytearray:
    found = bytearray(size)
    at, view = 0, memoryview(found)
    while at < size:
        got = line.recv_into(view[at:])
        if not got:
            raise EOFError
        at += got
    return found


def main(prover: Prover) -> None:
    """Answer until the writer lets go of the socket."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # it ends with the writer, and needs no more than that
    with socket.socket(fileno=int(sys.argv[1])) as line:
        try:
            send(line, [])  # it runs
            while True:
                send(line, prover.answer(receive(line)))
        except (EOFError, OSError):
            return


if __name__ == "__main__":
    main(Prover())
