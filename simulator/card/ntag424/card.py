"""The NTAG 424 DNA as a card in a field: APDU in, APDU out, its memory as JSON."""

from collections.abc import Callable, Mapping
from random import Random, SystemRandom
from typing import Any

from simulator.card import iso7816, status
from simulator.card.contactless import ContactlessCard
from simulator.card.iso14443 import IsoDep
from simulator.card.ntag424 import iso
from simulator.card.ntag424.chip import Answer, Chip
from simulator.card.ntag424.commands import HANDLERS
from simulator.card.ntag424.state import NDEF, TagState
from simulator.card.power import TearHook
from simulator.card.status import LeftField, Refused


class Ntag424Card(ContactlessCard):
    """A tag with a UID of 7 bytes. A seeded `rng` makes its challenges and paddings repeatable."""

    atqa = b"\x03\x44"
    sak = 0x20

    def __init__(self, uid: bytes, rng: Random | None = None, state: TagState | None = None) -> None:
        super().__init__(uid)
        if len(uid) != 7:
            raise ValueError("an NTAG 424 DNA has a UID of 7 bytes")
        self.chip = Chip(state or TagState(uid), rng or SystemRandom())
        self._then: Callable[[bytes], Answer] | None = None
        self._iso_dep = IsoDep(self.exchange, self.delivered)

    @property
    def tear_hook(self) -> TearHook | None:
        """Called ("before" or "after", step name) around each persisted step; LeftField cuts the power."""
        return self.chip.tear_hook

    @tear_hook.setter
    def tear_hook(self, hook: TearHook | None) -> None:
        self.chip.tear_hook = hook

    @property
    def read_counter(self) -> int:
        """How often its message was read."""
        return self.chip.state.files[NDEF].counter

    def activate(self) -> None:
        self._then = None
        self.chip.power_on()
        self._iso_dep.reset()

    def leave_field(self) -> None:
        super().leave_field()
        self._then = None
        self.chip.power_on()

    def rf_frame(self, frame: bytes) -> bytes | None:
        return self._iso_dep.frame(frame) if self.in_field else None

    def exchange(self, apdu: bytes) -> bytes | None:
        if not self.in_field:
            return None
        try:
            return self._handle(apdu)
        except LeftField:
            self.gone("torn")
            return None

    def _handle(self, apdu: bytes) -> bytes:
        if len(apdu) < 2:
            return iso7816.WRONG_LENGTH.to_bytes(2, "big")
        self.chip.heard(apdu[1])
        if apdu[0] == 0x00:
            self._then = None
            return iso.handle(self.chip, apdu)
        if apdu[0] != 0x90:
            return b"\x6e\x00"
        answer = self._native(apdu)
        self._then = answer.then
        if answer.status not in (status.OK, status.MORE):
            self.chip.session = None  # whatever goes wrong ends the session (9.1.1)
        return answer.data + bytes([0x91, answer.status])

    def _native(self, apdu: bytes) -> Answer:
        then, self._then = self._then, None
        try:
            if len(apdu) < 5 or apdu[2:4] != b"\x00\x00":
                raise Refused(status.PARAMETER_ERROR)
            body = apdu[5:-1]
            if len(apdu) == 5:
                if apdu[4]:
                    raise Refused(status.LENGTH_ERROR)
            elif len(body) != apdu[4] or apdu[-1]:
                raise Refused(status.LENGTH_ERROR)
            if apdu[1] == status.MORE:
                if then is None:
                    raise Refused(status.ILLEGAL_COMMAND)
                return then(body)
            if then is not None:
                raise Refused(status.COMMAND_ABORTED)
            handler = HANDLERS.get(apdu[1])
            if handler is None:
                raise Refused(status.ILLEGAL_COMMAND)
            return handler(self.chip, apdu[1], body)
        except Refused as refused:
            return Answer(refused.status)

    def dump(self) -> dict[str, Any]:
        return {"kind": "ntag424", **self.chip.state.to_json()}

    @classmethod
    def load(cls, content: Mapping[str, Any], rng: Random | None = None) -> "Ntag424Card":
        """Undoes `dump`; raises KeyError, TypeError or ValueError on anything else."""
        state = TagState.from_json(content)
        return cls(state.uid, rng, state)
