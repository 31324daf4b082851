"""What the commands work on: the chip's memory, and what it forgets when the field is gone."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from simulator.card import status
from simulator.card.messaging import CommMode
from simulator.card.messaging.ev2 import MAC_LENGTH, Ev2Session
from simulator.card.ntag424 import sdm
from simulator.card.ntag424.state import COUNTER_MAX, FREE, NEVER, File, TagState
from simulator.card.power import Powered
from simulator.card.status import Refused

PAGE_BYTES = 32
MODES = {0: CommMode.PLAIN, 1: CommMode.MAC, 3: CommMode.FULL}


@dataclass
class Answer:
    """Status and data of one frame; `then` takes the AF frame that must follow."""

    status: int
    data: bytes = b""
    then: "Callable[[bytes], Answer] | None" = None


class Chip(Powered):
    """Memory, session, what is selected. A command refuses by raising before it has changed anything."""

    def __init__(self, state: TagState, rng: Random) -> None:
        self.state = state
        self.rng = rng
        self.power_on()

    def power_on(self) -> None:
        """Nothing is selected, nobody is known."""
        self.in_application = False
        self.selected: int | None = None
        self.session: Ev2Session | None = None
        self._reading: tuple[int, int] | None = None
        self._padding = b""

    def heard(self, command: int) -> None:
        """Any other command than a repeated read ends what counts as one read."""
        if self._reading is not None and self._reading[0] != command:
            self._reading = None

    def file(self, number: int) -> File:
        """A file of the application; FILE_NOT_FOUND, PERMISSION_DENIED at card level."""
        self.need_application()
        if number not in self.state.files:
            raise Refused(status.FILE_NOT_FOUND)
        return self.state.files[number]

    def need_application(self) -> None:
        if not self.in_application:
            raise Refused(status.PERMISSION_DENIED)

    def need_session(self) -> Ev2Session:
        if self.session is None:
            raise Refused(status.AUTHENTICATION_ERROR)
        return self.session

    def mode(self, file: File, *holders: int) -> CommMode:
        """How a command travels that one of these rights allows; refuses when none does (8.2.3.3)."""
        if self.session is not None and self.session.key_no in holders:
            return MODES[file.comm]
        if FREE in holders:
            return CommMode.PLAIN
        never = all(holder == NEVER for holder in holders)
        raise Refused(status.PERMISSION_DENIED if never else status.AUTHENTICATION_ERROR)

    def open(self, cmd: int, data: bytes, header_bytes: int, mode: CommMode) -> tuple[bytes, bytes]:
        """Splits a command into header and checked data; outside a session everything is plain."""
        if len(data) < header_bytes:
            raise Refused(status.LENGTH_ERROR)
        header, body = data[:header_bytes], data[header_bytes:]
        if self.session is None:
            return header, body
        return header, self.session.unwrap(cmd, header, body, mode)

    def open_header(self, cmd: int, data: bytes, header_bytes: int, mode: CommMode) -> bytes:
        """As `open`, for a command that has no data of its own."""
        signed = self.session is not None and mode is not CommMode.PLAIN
        if len(data) != header_bytes + (MAC_LENGTH if signed else 0):
            raise Refused(status.LENGTH_ERROR)
        return self.open(cmd, data, header_bytes, CommMode.MAC if signed else CommMode.PLAIN)[0]

    def reply(self, data: bytes, mode: CommMode) -> bytes:
        """The answer's data, secured as the session wants it."""
        return data if self.session is None else self.session.wrap(status.OK, data, mode)

    def content(self, command: int, number: int) -> bytes:
        """A file as this read shows it: outside a session with its message signed, and the read counts."""
        file = self.state.files[number]
        if file.sdm is None or self.session is not None:
            return file.content
        if self._reading != (command, number):
            limit = COUNTER_MAX if file.sdm.limit is None else file.sdm.limit
            if file.counter >= limit:
                raise Refused(status.AUTHENTICATION_ERROR)
            with self.step("count read"):
                file.counter += 1
            self._reading, self._padding = (command, number), self.rng.randbytes(sdm.PADDING_MAX)
        keys, uid = self.state.keys, self.state.uid
        return sdm.mirrored(file.content, file.sdm, uid, file.counter, keys, self._padding)

    def write(self, file: File, offset: int, body: bytes) -> None:
        """Page by page: power lost between two leaves the new beside the old."""
        for at in range(0, len(body), PAGE_BYTES):
            page, start = body[at : at + PAGE_BYTES], offset + at
            with self.step("write page"):
                file.content = file.content[:start] + page + file.content[start + len(page) :]
