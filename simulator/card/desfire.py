"""The virtual DESFire EV2 as a card in a field: APDU in, APDU out, its memory as JSON, when it may leave."""

from collections.abc import Mapping
from random import Random, SystemRandom
from typing import Any, Final

from simulator.card.chip import Chip
from simulator.card.contactless import ContactlessCard
from simulator.card.files import ValueFile
from simulator.card.frames import Frames
from simulator.card.iso14443 import ATS, IsoDep
from simulator.card.power import TearHook
from simulator.card.state import CardState
from simulator.card.status import LeftField

_RANDOM_UID: Final = b"\x08"
PULL_POINTS: Final = ("auth", "debit", "commit-sent", "commit-done")


class DesfireCard(ContactlessCard):
    """A blank EV2 unless `state` says otherwise. A seeded `rng` makes its challenges repeatable."""

    atqa = b"\x03\x44"
    sak = 0x20

    def __init__(self, uid: bytes, rng: Random | None = None, state: CardState | None = None) -> None:
        super().__init__(uid)
        if len(uid) != 7:
            raise ValueError("a DESFire card has a UID of 7 bytes")
        self.chip = Chip(state or CardState.factory(uid), rng or SystemRandom())
        self.armed: str | None = None
        self._frames = Frames(self.chip)
        self._leaving: str | None = None
        self._random_uid: bytes | None = None  # from the next power-on
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

    @property
    def rf_uid(self) -> bytes:
        return self._random_uid or self.uid

    def enter_field(self) -> None:
        if self.chip.state.configuration.random_uid:
            self._random_uid = _RANDOM_UID + self.chip.rng.randbytes(3)
        super().enter_field()

    def activate(self) -> None:
        self._frames.reset()
        self._leaving = None
        self._iso_dep.reset()
        self._iso_dep.ats = self.chip.state.configuration.ats or ATS
        try:
            self.chip.power_on()
        except LeftField:
            self.gone("torn")

    def leave_field(self) -> None:
        super().leave_field()
        self.chip.drop_session()
        self._frames.reset()
        self._leaving = None

    def rf_frame(self, frame: bytes) -> bytes | None:
        if not self.in_field:
            return None
        return self._iso_dep.frame(frame)

    def exchange(self, apdu: bytes) -> bytes | None:
        if not self.in_field:
            return None
        try:
            answer, event = self._frames.handle(apdu)
        except LeftField:
            self.gone("torn")
            return None
        return self._pull(event, answer)

    def delivered(self) -> None:
        if self._leaving is not None:
            point, self._leaving = self._leaving, None
            self.gone(point)

    def dump(self) -> dict[str, Any]:
        return {"kind": "desfire", **self.chip.state.to_json()}

    @classmethod
    def load(cls, content: Mapping[str, Any], rng: Random | None = None) -> "DesfireCard":
        """Undoes `dump`; raises KeyError, TypeError or ValueError on anything else."""
        state = CardState.from_json(content)
        return cls(state.uid, rng, state)

    def _pull(self, event: str | None, answer: bytes) -> bytes | None:
        """Fires an armed pull: after this answer is delivered, or, for commit-sent, instead of it."""
        if self.armed is None or event is None or not self.armed.startswith(event):
            return answer
        point, self.armed = self.armed, None
        if point == "commit-sent":
            self.gone(point)
            return None
        self._leaving = point
        return answer
