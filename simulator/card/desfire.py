"""The virtual DESFire EV2: APDU in, APDU out, its memory as JSON, and the moments at which it may leave.

Native frames (INS data -> status data) and ISO-wrapped ones (90 INS 00 00 [Lc data] 00 -> data 91 status)
are both understood. Any refusal inside a session ends the session and drops the open transaction, as on the
real card.
"""

from collections.abc import Callable, Mapping
from random import Random, SystemRandom
from typing import Any, Final

from simulator.card import status
from simulator.card.chip import Answer, Chip, TearHook
from simulator.card.commands import HANDLERS
from simulator.card.contactless import ContactlessCard
from simulator.card.files import CyclicFile, DataFile, File, ValueFile
from simulator.card.iso14443 import IsoDep
from simulator.card.messaging import MAC_LENGTH, CommMode
from simulator.card.state import PICC, CardState
from simulator.card.status import LeftField, Refused

PULL_POINTS: Final = ("auth", "debit", "commit-sent", "commit-done")
_DF_NAME: Final = bytes.fromhex("D2760000850100")
_CHAINED_WRITES: Final = (0x3D, 0x3B)
_MORE: Final = 0xAF


class DesfireCard(ContactlessCard):
    """A card with AES applications. A seeded `rng` makes its challenges repeatable."""

    atqa = b"\x03\x44"
    sak = 0x20

    def __init__(
        self,
        uid: bytes,
        rng: Random | None = None,
        state: CardState | None = None,
        free_access_plain: bool = False,
    ) -> None:
        super().__init__(uid)
        if len(uid) != 7:
            raise ValueError("a DESFire card has a UID of 7 bytes")
        self.chip = Chip(state or CardState.factory(uid), rng or SystemRandom(), free_access_plain)
        self.armed: str | None = None
        self._then: Callable[[bytes], Answer] | None = None
        self._leaving: str | None = None
        self._iso_dep = IsoDep(self.exchange, self.delivered)

    @property
    def tear_hook(self) -> TearHook | None:
        """Called ("before" or "after", step name) around each persisted step; LeftField cuts the power."""
        return self.chip.tear_hook

    @tear_hook.setter
    def tear_hook(self, hook: TearHook | None) -> None:
        self.chip.tear_hook = hook

    def arm_pull(self, point: str | None) -> None:
        """The card leaves at this point of its next tap (one of PULL_POINTS); None disarms."""
        if point is not None and point not in PULL_POINTS:
            raise ValueError(f"{point!r} is no pull point: use one of {', '.join(PULL_POINTS)}")
        self.armed = point

    def value_fen(self, aid: bytes, file_no: int) -> int | None:
        """The committed value of a value file, or None when there is no such file."""
        app = self.chip.state.applications.get(aid)
        file = app.files.get(file_no) if app else None
        if not isinstance(file, ValueFile):
            return None
        journal = self.chip.state.journal
        if journal is not None and journal.sealed and journal.aid == aid:
            file = journal.images.get(file_no, file)
        return file.value if isinstance(file, ValueFile) else None

    def activate(self) -> None:
        self._then = None
        self._leaving = None
        self._iso_dep.reset()
        try:
            self.chip.power_on()
        except LeftField:
            self.gone("torn")

    def leave_field(self) -> None:
        super().leave_field()
        self.chip.drop_session()
        self._then = None
        self._leaving = None

    def rf_frame(self, frame: bytes) -> bytes | None:
        if not self.in_field:
            return None
        return self._iso_dep.frame(frame)

    def exchange(self, apdu: bytes) -> bytes | None:
        if not self.in_field:
            return None
        try:
            return self._framed(apdu)
        except LeftField:
            self.gone("torn")
            return None

    def delivered(self) -> None:
        if self._leaving is not None:
            point, self._leaving = self._leaving, None
            self.gone(point)

    def dump(self) -> dict[str, Any]:
        rules = {"free_access_plain": self.chip.free_access_plain}
        return {"kind": "desfire", "rules": rules, **self.chip.state.to_json()}

    @classmethod
    def load(cls, content: Mapping[str, Any], rng: Random | None = None) -> "DesfireCard":
        """Undoes `dump`; raises KeyError, TypeError or ValueError on anything else."""
        state = CardState.from_json(content)
        plain = bool(content.get("rules", {}).get("free_access_plain", False))
        return cls(state.uid, rng, state, plain)

    def _framed(self, apdu: bytes) -> bytes | None:
        """Takes the wrapping off, runs the command, and puts the wrapping on again."""
        if not apdu:
            return bytes([status.LENGTH_ERROR])
        if apdu[0] == 0x00:
            return self._iso_select(apdu)
        if apdu[0] != 0x90:
            native = self._answer(apdu[0], apdu[1:])
            return None if native is None else bytes([native.status]) + native.data
        if len(apdu) < 5:
            return b"\x67\x00"
        body = apdu[5:-1]
        answer: Answer | None
        if len(apdu) > 5 and (len(body) != apdu[4] or not body or apdu[-1]):
            answer = self._refuse(status.LENGTH_ERROR)
        elif apdu[2:4] != b"\x00\x00" or (len(apdu) == 5 and apdu[4]):
            answer = self._refuse(status.PARAMETER_ERROR)
        else:
            answer = self._answer(apdu[1], body)
        return None if answer is None else answer.data + bytes([0x91, answer.status])

    def _iso_select(self, apdu: bytes) -> bytes:
        """The only ISO 7816 command here: selecting the card level by its name."""
        if apdu[1:2] != b"\xa4" or len(apdu) < 5:
            return b"\x6d\x00"
        if apdu[2] != 0x04 or apdu[5 : 5 + apdu[4]] != _DF_NAME:
            return b"\x6a\x82"
        self._then = None
        self.chip.select(PICC)
        return b"\x90\x00"

    def _answer(self, cmd: int, data: bytes) -> Answer | None:
        try:
            answer = self._run(cmd, data)
        except Refused as refused:
            return self._refuse(refused.status)
        self._then = answer.then
        return self._pull(answer)

    def _run(self, cmd: int, data: bytes) -> Answer:
        then, self._then = self._then, None
        if cmd == _MORE:
            if then is None:
                raise Refused(status.ILLEGAL_COMMAND)
            return then(data)
        if then is not None:
            raise Refused(status.COMMAND_ABORTED)
        handler = HANDLERS.get(cmd)
        if handler is None:
            raise Refused(status.ILLEGAL_COMMAND)
        if cmd in _CHAINED_WRITES:
            return self._gather(cmd, data)
        return handler(self.chip, cmd, data)

    def _gather(self, cmd: int, data: bytes) -> Answer:
        """A write longer than one frame: the card says AF until all that the header announced is there."""
        if len(data) >= 7:
            missing = self._write_bytes(data) - len(data)
            if missing > 0 and len(data) > 7:
                return Answer(status.MORE, then=lambda more: self._gather(cmd, data + (more or _no_data())))
        return HANDLERS[cmd](self.chip, cmd, data)

    def _write_bytes(self, data: bytes) -> int:
        """Length of a whole write command, from its header and the way the file's data travel."""
        length = int.from_bytes(data[4:7], "little")
        _, file = self.chip.file(data)
        if not isinstance(file, DataFile | CyclicFile):
            raise Refused(status.PARAMETER_ERROR)
        if length > _capacity(file):
            raise Refused(status.BOUNDARY_ERROR)
        mode = self.chip.need_rights(file, file.rights.write, file.rights.read_write)
        if self.chip.session is None or mode is CommMode.PLAIN:
            return 7 + length
        if mode is CommMode.MAC:
            return 7 + length + MAC_LENGTH
        return 7 + (length // 16 + 1) * 16 + MAC_LENGTH

    def _refuse(self, code: int) -> Answer:
        self._then = None
        self.chip.drop_session()
        return Answer(code)

    def _pull(self, answer: Answer) -> Answer | None:
        """Fires an armed pull: after this answer is delivered, or, for commit-sent, instead of it."""
        if self.armed is None or answer.event is None or not self.armed.startswith(answer.event):
            return answer
        point, self.armed = self.armed, None
        if point == "commit-sent":
            self.gone(point)
            return None
        self._leaving = point
        return answer


def _capacity(file: File) -> int:
    return file.record_size if isinstance(file, CyclicFile) else file.size_bytes()


def _no_data() -> bytes:
    raise Refused(status.LENGTH_ERROR)
