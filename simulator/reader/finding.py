"""How the PN532 finds one card by InListPassiveTarget (UM0701-02, 7.3.5), and what it reports of it."""

from dataclasses import dataclass
from typing import Final

from simulator.card.contactless import ContactlessCard
from simulator.reader.field import Damaged, Field
from simulator.reader.isodep import BadBlock, CardLost, Initiator

TYPE_A: Final = 0
FELICA: Final = (1, 2)
# How many bytes of initiator data each baud type takes: 106 kbit/s type A (a UID), 212 and 424 FeliCa (a
# polling command), 106 type B (AFI, method), Jewel.
INITIATOR_BYTES: Final = {TYPE_A: (0, 4, 8, 12), 1: (5,), 2: (5,), 3: (1, 2), 4: (0,)}
# Modulation type in GetGeneralStatus.
KINDS: Final = {TYPE_A: 0x00, 1: 0x10, 2: 0x10}
_POL_RES_BYTES: Final = (18, 20)  # with its length byte; 20 when the system code was asked for
_CASCADE_TAG: Final = 0x88


@dataclass
class Target:
    """A card that was found; `initiator` is there when the chip runs ISO 14443-4 with it."""

    card: ContactlessCard
    initiator: Initiator | None
    baud_type: int = TYPE_A
    rates: tuple[int, int] = (0, 0)  # to the card and from it: 0, 1, 2 = 106, 212, 424 kbit/s
    to_send: bytes = b""
    asleep: bool = False


def find_a(
    field: Field, card: ContactlessCard, initiator_data: bytes, automatic_rats: bool
) -> tuple[Target, bytes] | None:
    """A card of type A: SENS_RES, SEL_RES, UID and, after an automatic RATS, the ATS."""
    uid = _plain_uid(initiator_data)
    if (uid and uid != card.rf_uid) or not field.activate(card):
        return None
    initiator, ats = None, b""
    if card.iso_dep and automatic_rats:
        initiator = Initiator(lambda frame: field.transceive(card, frame))
        try:
            ats = initiator.activate()
        except (CardLost, BadBlock):
            return None
    return Target(card, initiator), card.atqa + bytes([card.sak, len(card.rf_uid)]) + card.rf_uid + ats


def find_f(
    field: Field, card: ContactlessCard, baud_type: int, polling: bytes
) -> tuple[Target, bytes] | None:
    """A FeliCa card: its answer to the polling frame, length byte included."""
    try:
        answer = field.transceive(card, bytes([1 + len(polling)]) + polling)
    except Damaged:
        return None
    if answer is None or len(answer) not in _POL_RES_BYTES or answer[0] != len(answer):
        return None
    return Target(card, None, baud_type, (baud_type, baud_type)), answer


def _plain_uid(initiator_data: bytes) -> bytes:
    """The UID without its cascade tags (a UID of 7 bytes has one, one of 10 bytes two)."""
    *levels, last = [initiator_data[at : at + 4] for at in range(0, len(initiator_data), 4)] or [b""]
    return b"".join(part[1:] if part[0] == _CASCADE_TAG else part for part in levels) + last
