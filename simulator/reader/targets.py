"""The PN532's initiator commands: finding cards, talking to them, letting go of them (UM0701-02, 7.3).

Every method takes a command's parameters and returns the parameters of its answer, or None when the command
is malformed, which the chip answers with its error frame.
"""

from dataclasses import dataclass
from typing import Final

from simulator.card.contactless import ContactlessCard, Technology
from simulator.reader.field import Field
from simulator.reader.isodep import BadBlock, CardLost, Initiator

OK: Final = b"\x00"
TIMEOUT: Final = b"\x01"
BAD_FORMAT: Final = b"\x13"
WRONG_CONTEXT: Final = b"\x27"
MORE_INFORMATION: Final = 0x40
MAX_ANSWER_BYTES: Final = 262
_MAX_TARGETS: Final = 2
_CASCADE_TAG: Final = 0x88
_TYPE_A: Final = 0
_FELICA: Final = (1, 2)
# How many bytes of initiator data each baud type takes: 106 kbit/s type A (a UID), 212 and 424 FeliCa (a
# polling command), 106 type B (AFI, method), Jewel.
_INITIATOR_BYTES: Final = {_TYPE_A: (0, 4, 8, 12), 1: (5,), 2: (5,), 3: (1, 2), 4: (0,)}
# Modulation type in GetGeneralStatus, and the rates 106, 212, 424 as 0, 1, 2.
_POL_RES_BYTES: Final = (18, 20)  # with its length byte; 20 when the system code was asked for
_KINDS: Final = {_TYPE_A: 0x00, 1: 0x10, 2: 0x10}


@dataclass
class Target:
    """A card that was found; `initiator` is there when the chip runs ISO 14443-4 with it."""

    card: ContactlessCard
    initiator: Initiator | None
    baud_type: int = _TYPE_A
    to_send: bytes = b""
    asleep: bool = False


class Targets:
    """The chip's target numbers 1 and 2."""

    def __init__(self, field: Field) -> None:
        self._field = field
        self._found: dict[int, Target] = {}
        self._current: Target | None = None

    def clear(self) -> None:
        self._found = {}
        self._current = None

    def status(self) -> bytes:
        """Number of targets, and number, rates and kind of each, for GetGeneralStatus."""
        found = self._found.items()
        each = [bytes([tg, at.baud_type, at.baud_type, _KINDS[at.baud_type]]) for tg, at in found]
        return bytes([len(found)]) + b"".join(each)

    @staticmethod
    def valid_list(data: bytes) -> bool:
        """Whether these are parameters of InListPassiveTarget."""
        if len(data) < 2 or not 1 <= data[0] <= _MAX_TARGETS:
            return False
        return len(data) - 2 in _INITIATOR_BYTES.get(data[1], ())

    def list_passive(self, data: bytes, automatic_rats: bool) -> bytes:
        """InListPassiveTarget for what is in the field now; the answer is 00 when there is nothing."""
        self.clear()
        wanted, baud_type, initiator_data = data[0], data[1], data[2:]
        answer = b""
        for card in self._field.cards:
            if len(self._found) == wanted:
                break
            number = len(self._found) + 1
            described = None
            if baud_type == _TYPE_A and card.technology is Technology.A:
                described = self._find_a(number, card, initiator_data, automatic_rats)
            elif baud_type in _FELICA and card.technology is Technology.F:
                described = self._find_f(number, card, baud_type, initiator_data)
            if described is not None:
                answer += bytes([number]) + described
        self._current = self._found.get(1)
        return bytes([len(self._found)]) + answer

    def _find_a(
        self, number: int, card: ContactlessCard, initiator_data: bytes, automatic_rats: bool
    ) -> bytes | None:
        uid = _plain_uid(initiator_data)
        if (uid and uid != card.uid) or not self._field.activate(card):
            return None
        initiator, ats = None, b""
        if card.iso_dep and automatic_rats:
            initiator = Initiator(lambda frame: self._field.transceive(card, frame))
            try:
                ats = initiator.activate()
            except (CardLost, BadBlock):
                return None
        self._found[number] = Target(card, initiator)
        return card.atqa + bytes([card.sak, len(card.uid)]) + card.uid + ats

    def _find_f(self, number: int, card: ContactlessCard, baud_type: int, polling: bytes) -> bytes | None:
        answer = self._field.transceive(card, bytes([1 + len(polling)]) + polling)
        if answer is None or len(answer) not in _POL_RES_BYTES or answer[0] != len(answer):
            return None
        self._found[number] = Target(card, None, baud_type)
        return answer

    def data_exchange(self, data: bytes) -> bytes | None:
        """InDataExchange: target number with the MI bit, data; answers status with the MI bit, data."""
        if not data:
            return None
        target = self._found.get(data[0] & 0x0F)
        if target is None:
            return WRONG_CONTEXT
        self._current = target
        if target.initiator is None:
            return self._raw(target, data[1:])
        if target.to_send and len(data) == 1:
            return _part(target)
        try:
            if data[0] & MORE_INFORMATION:
                target.initiator.send(data[1:])
                return OK
            target.to_send = target.initiator.exchange(data[1:])
        except CardLost:
            return TIMEOUT
        except BadBlock:
            return BAD_FORMAT
        return _part(target)

    def communicate_thru(self, data: bytes) -> bytes | None:
        """InCommunicateThru: a frame as it is, to the card selected last."""
        if not data:
            return None
        return self._raw(self._current, data) if self._current else TIMEOUT

    def _raw(self, target: Target, frame: bytes) -> bytes:
        answer = self._field.transceive(target.card, frame)
        return TIMEOUT if answer is None else OK + answer

    def select(self, data: bytes) -> bytes | None:
        """InSelect."""
        if len(data) != 1:
            return None
        target = self._found.get(data[0])
        if target is None:
            return WRONG_CONTEXT
        self._current = target
        if target.asleep:
            target.asleep = False
            return self._wake(target)
        return OK

    def _wake(self, target: Target) -> bytes:
        if not self._field.activate(target.card):
            return TIMEOUT
        try:
            if target.initiator is not None:
                target.initiator.activate()
        except (CardLost, BadBlock):
            return TIMEOUT
        return OK

    def deselect(self, data: bytes) -> bytes | None:
        """InDeselect: the target sleeps; number 0 is all of them."""
        return self._let_go(data, forget=False)

    def release(self, data: bytes) -> bytes | None:
        """InRelease: the target sleeps and its number is free; number 0 is all of them."""
        return self._let_go(data, forget=True)

    def _let_go(self, data: bytes, forget: bool) -> bytes | None:
        if len(data) != 1:
            return None
        numbers = [*self._found] if data[0] == 0 else [data[0]]
        if not all(number in self._found for number in numbers):
            return WRONG_CONTEXT
        for number in numbers:
            target = self._found[number]
            if target.initiator is not None:
                target.initiator.deselect()
            target.asleep = True
            if forget:
                del self._found[number]
                self._current = None if self._current is target else self._current
        return OK


def _part(target: Target) -> bytes:
    part, target.to_send = target.to_send[:MAX_ANSWER_BYTES], target.to_send[MAX_ANSWER_BYTES:]
    return bytes([MORE_INFORMATION if target.to_send else 0]) + part


def _plain_uid(initiator_data: bytes) -> bytes:
    """The UID without its cascade tags (a UID of 7 bytes has one, one of 10 bytes two)."""
    *levels, last = [initiator_data[at : at + 4] for at in range(0, len(initiator_data), 4)] or [b""]
    return b"".join(part[1:] if part[0] == _CASCADE_TAG else part for part in levels) + last
