"""What the command handlers work on: the card's memory, and what it forgets when the field is gone.

A handler refuses by raising `Refused` before it has changed anything. Each change that outlives the field
happens in a named step, before and after which the tear hook is asked whether power is still there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from simulator.card import status
from simulator.card.files import File
from simulator.card.messaging import CommMode, Session
from simulator.card.power import Powered
from simulator.card.rights import FREE, NEVER
from simulator.card.state import FREE_LISTING, PICC, Application, CardState, Journal
from simulator.card.status import Refused
from simulator.card.transaction import Transaction

FRAME_DATA_BYTES = 59


@dataclass
class Answer:
    """Status and data of one frame; `then` takes the AF frame that must follow; `event`: what was done."""

    status: int
    data: bytes = b""
    then: "Callable[[bytes], Answer] | None" = None
    event: str | None = None


class Chip(Powered):
    """Memory, session and transaction. `iso_file` is the number of the file that ISO SELECT chose."""

    def __init__(self, state: CardState, rng: Random) -> None:
        self.state = state
        self.rng = rng
        self.aid = PICC
        self.iso_file: int | None = None
        self.session: Session | None = None
        self.transaction = Transaction()

    @property
    def app(self) -> Application:
        return self.state.applications[self.aid]

    def power_on(self) -> None:
        """Forgets the session and finishes or discards a commit that lost power."""
        self.select(PICC)
        journal = self.state.journal
        if journal is not None and journal.sealed:
            self._apply(journal)
        self.state.journal = None

    def select(self, aid: bytes) -> None:
        self.aid = aid
        self.iso_file = None
        self.drop_session()

    def drop_session(self) -> None:
        self.session = None
        self.transaction = Transaction()

    def refuse(self) -> None:
        """A command was refused: the transaction is void, and with most messagings the session over."""
        self.transaction = Transaction()
        if self.session is not None and not self.session.survives_refusal:
            self.session = None

    def commit(self, images: dict[int, File]) -> None:
        """Writes the new images beside the old ones, seals them, then puts them in place: all or none."""
        journal = Journal(self.aid, images)
        with self.step("commit prepare"):
            self.state.journal = journal
        with self.step("commit seal"):
            journal.sealed = True
        self._apply(journal)

    def _apply(self, journal: Journal) -> None:
        files = self.state.applications[journal.aid].files
        for file_no, image in journal.images.items():
            with self.step(f"commit file {file_no}"):
                files[file_no] = image
        with self.step("commit clear"):
            self.state.journal = None

    def need_application(self) -> Application:
        if self.aid == PICC:
            raise Refused(status.PERMISSION_DENIED)
        return self.app

    def file(self, data: bytes) -> tuple[int, File]:
        """The file that the first byte of a command names."""
        if not data:
            raise Refused(status.LENGTH_ERROR)
        found = self.need_application().files.get(data[0])
        if found is None:
            raise Refused(status.FILE_NOT_FOUND)
        return data[0], found

    def working_copy(self, file_no: int) -> File | None:
        return self.transaction.changed.get(file_no)

    def need_rights(self, file: File, *holders: int) -> CommMode:
        """Refuses unless one of the rights in `holders` is free or held; returns how the command travels.

        Where only free access opens the file, and not the proved key, that is in plain whatever it says.
        """
        key_no = self.session.key_no if self.session else None
        if all(holder == NEVER for holder in holders):
            raise Refused(status.PERMISSION_DENIED)
        if FREE not in holders and key_no not in holders:
            raise Refused(status.AUTHENTICATION_ERROR)
        return file.comm if key_no in holders else CommMode.PLAIN

    def need_card_level(self) -> None:
        if self.aid != PICC:
            raise Refused(status.PERMISSION_DENIED)

    def need_proof(self, key_no: int = 0) -> Session:
        """Refuses unless this key of the selected level was proved."""
        if self.session is None or self.session.key_no != key_no:
            raise Refused(status.AUTHENTICATION_ERROR)
        return self.session

    def need_master(self, free_setting: int) -> None:
        """Refuses unless the selected level leaves this free or its master key was proved."""
        if not self.app.settings & free_setting:
            self.need_proof()

    def need_listing(self) -> None:
        self.need_master(FREE_LISTING)

    def open(
        self, cmd: int, data: bytes, header_bytes: int, mode: CommMode, size: int | None, tail: int = 0
    ) -> tuple[bytes, bytes]:
        """Splits a command into header and checked data of `size` bytes; outside a session all is plain."""
        if len(data) < header_bytes:
            raise Refused(status.LENGTH_ERROR)
        header, body = data[:header_bytes], data[header_bytes:]
        if self.session is not None:
            return header, self.session.unwrap(cmd, header, body, mode, size, tail)
        if size is not None and len(body) != size + tail:
            raise Refused(status.LENGTH_ERROR)
        return header, body

    def open_header(
        self, cmd: int, data: bytes, header_bytes: int, mode: CommMode = CommMode.COMMAND
    ) -> bytes:
        """As `open`, for a command that has no data of its own."""
        return self.open(cmd, data, header_bytes, mode, 0)[0]

    def security_bytes(self) -> int:
        """How many bytes a command without data has after its header, for headers of no fixed length."""
        return self.session.body_bytes(0, CommMode.COMMAND) if self.session else 0

    def reply(
        self,
        data: bytes = b"",
        mode: CommMode = CommMode.COMMAND,
        event: str | None = None,
        chain: bool = True,
        open_ended: bool = False,
    ) -> Answer:
        """The answer, secured as the session wants it, in AF frames where it is long and `chain` is set."""
        if self.session is not None:
            data = self.session.wrap(status.OK, data, mode, open_ended)
        return chained(data, event) if chain else Answer(status.OK, data, event=event)


def chained(data: bytes, event: str | None = None, frame_bytes: int = FRAME_DATA_BYTES) -> Answer:
    """Cuts an answer into frames that the reader fetches with AF."""
    if len(data) <= frame_bytes:
        return Answer(status.OK, data, event=event)

    def following(request: bytes) -> Answer:
        if request:
            raise Refused(status.LENGTH_ERROR)
        return chained(data[frame_bytes:], event, frame_bytes)

    return Answer(status.MORE, data[:frame_bytes], then=following)
