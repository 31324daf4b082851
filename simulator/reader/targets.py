"""The PN532's initiator commands: finding cards, talking to them, letting go of them (UM0701-02, 7.3).

Every method takes a command's parameters and returns the parameters of its answer, or None when the command
is malformed, which the chip answers with its error frame.
"""

from typing import Final

from simulator.card.contactless import Technology
from simulator.reader.field import Damaged, Field
from simulator.reader.finding import FELICA, INITIATOR_BYTES, KINDS, TYPE_A, Target, find_a, find_f
from simulator.reader.isodep import BadBlock, CardLost

OK: Final = b"\x00"
TIMEOUT: Final = b"\x01"
CRC_ERROR: Final = b"\x02"
BAD_FORMAT: Final = b"\x13"
WRONG_CONTEXT: Final = b"\x27"
MORE_INFORMATION: Final = 0x40
MAX_ANSWER_BYTES: Final = 262
_MAX_TARGETS: Final = 2
RATES: Final = (106, 212, 424)  # kbit/s, as far as this chip goes


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
        each = [bytes([tg, *at.rates, KINDS[at.baud_type]]) for tg, at in self._found.items()]
        return bytes([len(each)]) + b"".join(each)

    @staticmethod
    def valid_list(data: bytes) -> bool:
        """Whether these are parameters of InListPassiveTarget."""
        if len(data) < 2 or not 1 <= data[0] <= _MAX_TARGETS:
            return False
        return len(data) - 2 in INITIATOR_BYTES.get(data[1], ())

    def list_passive(self, data: bytes, automatic_rats: bool) -> bytes:
        """InListPassiveTarget for what is in the field now; the answer is 00 when there is nothing."""
        self.clear()
        wanted, baud_type, initiator_data = data[0], data[1], data[2:]
        answer = b""
        for card in self._field.cards:
            if len(self._found) == wanted:
                break
            if any(card in self._field.of_uid(target.card) for target in self._found.values()):
                continue  # a copy answers as one with its original
            if baud_type == TYPE_A and card.technology is Technology.A:
                found = find_a(self._field, card, initiator_data, automatic_rats)
            elif baud_type in FELICA and card.technology is Technology.F:
                found = find_f(self._field, card, baud_type, initiator_data)
            else:
                continue
            if found is not None:
                number = len(self._found) + 1
                self._found[number] = found[0]
                answer += bytes([number]) + found[1]
        self._current = self._found.get(1)
        return bytes([len(self._found)]) + answer

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
        """InCommunicateThru: a frame as it is, to the card selected last; without data it only listens."""
        return self._raw(self._current, data) if self._current and data else TIMEOUT

    def _raw(self, target: Target, frame: bytes) -> bytes:
        try:
            answer = self._field.transceive(target.card, frame)
        except Damaged:
            return CRC_ERROR
        return TIMEOUT if answer is None else OK + answer

    def set_rates(self, data: bytes) -> bytes | None:
        """InPSL: target, rate to it, rate from it (0, 1, 2 = 106, 212, 424 kbit/s)."""
        if len(data) != 3 or max(data[1:]) >= len(RATES):
            return None
        target = self._found.get(data[0])
        if target is None or target.initiator is None:
            return WRONG_CONTEXT
        try:
            target.initiator.set_rates(data[1], data[2])
        except (CardLost, BadBlock):
            return TIMEOUT
        target.rates = (data[1], data[2])
        return OK

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
