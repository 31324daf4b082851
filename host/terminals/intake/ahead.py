"""Messages are opened and proven in a process of their own while the writer books those before them.

A prover (host.terminals.intake.prover) is started when enough waits, and asked for what has come by the time
that a batch is about to be written. It only saves the writer work: messages stay here until they are booked,
in their order, and what it did not see as a plain report, or does not answer in time, is opened as if there
were none.
What the books say of kiosks and cards is the writer's: a message that was proven for a kiosk, or with a
version of a card's keys, that is not the present one by then counts as not looked at.
"""

import os
import select
import socket
import subprocess
import sys
import time
from typing import NamedTuple

import structlog

from host.cards.proof import Proofs
from host.terminals.fleet.kiosks import Kiosk, Kiosks
from host.terminals.intake import cores, prover
from host.terminals.intake.pattern import PATTERNS
from host.terminals.line.traffic import Incoming, Push
from host.terminals.reported.report import Report

WORTH_BYTES = 4096  # of messages that wait: fewer are opened sooner than they are handed over
ANSWER_S = 5.0  # for what takes 20 ms
PAUSE_S = 10.0  # after one that failed, until the next is started
_PATTERNS = [(pattern.kind, pattern.names) for pattern in PATTERNS]
_log = structlog.get_logger()


class Begun(NamedTuple):
    """Messages in their order; asked: those that the prover looks at, by their place, and for which kiosk;
    heard: whose each topic was then."""

    items: list[Incoming | Push]
    asked: list[tuple[int, Kiosk]]
    heard: dict[str, Kiosk]

    @property
    def first(self) -> int:
        """The place of the first that is looked at; 0 when none is."""
        return self.asked[0][0] if self.asked else 0


class Ahead:
    """begin(), then, perhaps after a batch is written, end(): one at a time. Never fails.

    may: is there to be a prover at all?
    """

    def __init__(self, kiosks: Kiosks, proofs: Proofs, may: bool) -> None:
        self._may = may
        self._kiosks = kiosks
        self._proofs = proofs
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self.runs = False  # is there one, that answers?
        self._given: cores.Given | None = None  # our cores, while it has one of them
        self._told: dict[int, Kiosk] = {}
        self._not_before_s = 0.0

    def begin(self, items: list[Incoming | Push], share: float = 1.0) -> Begun:
        """Have these looked at, if that is worth it; share: of them, the last ones."""
        if not self._may or not _are_worth_it(items) or not self._ready():
            return Begun(items, [], {})
        heard: dict[str, Kiosk] = {}
        asked: list[tuple[int, Kiosk]] = []
        messages: list[tuple[int, bytes]] = []
        for at in range(len(items) - round(len(items) * share), len(items)):
            item = items[at]
            if not isinstance(item, Incoming) or item.dropped:
                continue
            kiosk = heard.get(item.topic)
            if kiosk is None:
                kiosk = self._kiosks.of_topic(item.topic)
                if kiosk is None:
                    continue
                heard[item.topic] = kiosk
            asked.append((at, kiosk))
            messages.append((kiosk.number, item.payload))
        if not asked:  # end() waits for no answer then
            return Begun(items, [], {})
        new = [kiosk for kiosk in heard.values() if self._told.get(kiosk.number) is not kiosk]
        self._told |= {kiosk.number: kiosk for kiosk in new}
        keys = [(kiosk.number, kiosk.name, kiosk.issue, kiosk.up_key) for kiosk in new]
        try:
            assert self._line is not None
            prover.send(self._line, (keys, self._proofs.wanted(), messages))
        except Exception as error:  # whatever it is, the writer can do without
            self._fall(error)
            return Begun(items, [], {})
        return Begun(items, asked, heard)

    def end(self, begun: Begun) -> list[list[Report] | None]:
        """The reports in each message; None: not looked at."""
        found: list[list[Report] | None] = [None] * len(begun.items)
        opened: list[Report]
        if not begun.asked or self._line is None:
            return found
        try:
            answer = prover.receive(self._line)
            of_topic, heard = self._kiosks.of_topic, begun.heard.items()
            same = {kiosk.number for topic, kiosk in heard if of_topic(topic) is kiosk}
            for (at, kiosk), reports in zip(begun.asked, answer, strict=True):
                if reports is None or kiosk.number not in same:
                    continue
                found[at] = opened = []  # filled by a loop: a comprehension for each message took longer
                for epoch, counter, way, told, encoded, digest, proven in reports:
                    kind, names = _PATTERNS[way]
                    opened.append(Report(kiosk, epoch, counter, kind, names, told, encoded, digest, proven))
        except Exception as error:  # as above; what it says is not believed either
            self._fall(error)
            return [None] * len(begun.items)
        return found

    def close(self) -> None:
        """The prover ends, if there is one."""
        process, self._process = self._process, None
        if self._line is not None:
            self._line.close()
        self._line, self.runs = None, False
        given, self._given = self._given, None
        if given is not None:
            cores.give_back(given)
        if process is not None:
            process.kill()  # it has nothing that could be lost
            process.wait()

    def _ready(self) -> bool:
        """Is there one, that runs by now? Starts it when it is due."""
        if self.runs:
            return True
        try:
            if self._line is None:
                if time.monotonic() < self._not_before_s:
                    return False
                self._start()
            assert self._line is not None
            if not select.select([self._line], [], [], 0)[0]:
                return False
            prover.receive(self._line)
        except Exception as error:
            self._fall(error)
            return False
        assert self._process is not None
        self.runs = True
        self._given = cores.apart(self._process.pid)
        _log.info("the prover process runs", pid=self._process.pid)
        return True

    def _start(self) -> None:
        self._line, theirs = socket.socketpair()
        with theirs:
            self._line.settimeout(ANSWER_S)
            self._told = {}
            # -P and our own path: the very modules that run here, whatever lies in the working folder
            command = [sys.executable, "-P", "-m", prover.__name__, str(theirs.fileno())]
            path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)
            environment = {**os.environ, "PYTHONPATH": path}
            self._process = subprocess.Popen(command, env=environment, pass_fds=(theirs.fileno(),))

    def _fall(self, error: Exception) -> None:
        _log.error("the prover failed; messages are opened without it", fault=repr(error), pause_s=PAUSE_S)
        self._not_before_s = time.monotonic() + PAUSE_S
        self.close()


def _are_worth_it(items: list[Incoming | Push]) -> bool:
    size = 0
    for item in items:
        size += len(item.payload) if isinstance(item, Incoming) else 0
        if size >= WORTH_BYTES:
            return True
    return False


def is_worth_it() -> bool:
    """Is there a core for it beside the writer's?"""
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    return len(cores) > 1
