from random import Random
from typing import Any

import pytest

from simulator.card import ClassicCard, DesfireCard
from simulator.card.contactless import ContactlessCard, Technology
from simulator.reader import Field, Pn532
from tests.simulator.card.terminal import AID, UID, out_of_field
from tests.simulator.reader.host_side import ACK, FOUND, LIST, Clock, ask, awake, bodies, frame, with_card


def test_other_technologies_and_other_uids_are_not_there() -> None:
    clock = Clock()
    chip, _ = with_card()
    chip = awake(chip.field, clock)
    for request in ("010100FFFF0000", "010300", "0104", "0100" + "8804999999999999"):
        assert chip.feed(frame(b"\xd4\x4a" + bytes.fromhex(request))) == ACK
        clock.now_s += 1
        assert bodies(chip.poll()) == [bytes.fromhex("D54B00")]
    assert ask(chip, 0x4A, b"\x01\x00\x88" + UID) == FOUND[2:]


class Felica(ContactlessCard):
    """Answers the polling of one system code, and echoes any other frame."""

    technology = Technology.F

    def activate(self) -> None:
        pass

    def rf_frame(self, frame: bytes) -> bytes | None:
        if frame[1] != 0x00:
            return frame
        if frame[2:4] not in (b"\xff\xff", b"\x00\x03"):
            return None
        asked = b"\x00\x03" if frame[4] == 1 else b""
        return bytes([18 + len(asked), 1]) + self.uid + bytes(8) + asked

    def exchange(self, apdu: bytes) -> bytes | None:
        return None

    def dump(self) -> dict[str, Any]:
        return {}


@pytest.mark.parametrize("baud_type", [1, 2])
def test_a_felica_card_is_found_by_its_polling_frame(baud_type: int) -> None:
    chip, field = with_card()
    card = Felica(bytes.fromhex("0123456789ABCDEF"))
    field.place(card)
    poll = bytes([2, baud_type])
    idm_and_pmm = b"\x01" + card.uid + bytes(8)
    assert ask(chip, 0x4A, poll + b"\x00\xff\xff\x00\x00") == b"\x01\x01\x12" + idm_and_pmm
    assert ask(chip, 0x4A, poll + b"\x00\xff\xff\x01\x00") == b"\x01\x01\x14" + idm_and_pmm + b"\x00\x03"
    assert ask(chip, 0x04) == bytes([0, 1, 1, 1, baud_type, baud_type, 0x10, 0])
    assert ask(chip, 0x40, b"\x01\x03\x04\x05") == b"\x00\x03\x04\x05"
    assert ask(chip, 0x42, b"\x03\x04\x05") == b"\x00\x03\x04\x05"
    chip.feed(frame(b"\xd4\x4a" + poll + b"\x00\x12\x34\x00\x00"))
    assert ask(chip, 0x04)[2] == 0
    assert ask(chip, 0x4A, b"\x02\x00")[0] == 1  # type A sees the other one


def test_a_uid_has_the_length_of_its_technology() -> None:
    with pytest.raises(ValueError, match="type F card has 8 bytes"):
        Felica(UID)


def test_two_cards() -> None:
    chip, field = with_card()
    field.place(ClassicCard(b"\x01\x02\x03\x04"))
    both = ask(chip, 0x4A, b"\x02\x00")
    assert both == b"\x02" + FOUND[3:] + bytes.fromhex("020004080401020304")
    assert ask(chip, 0x04)[2:3] == b"\x02"
    assert ask(chip, 0x40, b"\x02\x30\x00") == b"\x01"
    assert ask(chip, 0x40, b"\x01\x6a") == b"\x00\x00"


def test_exchange_release_and_select() -> None:
    chip, field = with_card()
    chip.feed(LIST)
    assert ask(chip, 0x40, b"\x01\x5a" + AID) == b"\x00\xa0"
    assert ask(chip, 0x44, b"\x01") == b"\x00"
    assert ask(chip, 0x40, b"\x01\x6a") == b"\x01"
    assert ask(chip, 0x54, b"\x01") == b"\x00"
    assert ask(chip, 0x40, b"\x01\x6a") == b"\x00\x00"
    field.remove()
    assert ask(chip, 0x40, b"\x01\x6a") == b"\x01"
    assert ask(chip, 0x54, b"\x01") == b"\x00"
    assert ask(chip, 0x52, b"\x01") == b"\x00"
    assert ask(chip, 0x52, b"\x01") == b"\x27"


def test_long_data_go_in_parts_both_ways() -> None:
    chip, _ = with_card()
    chip.feed(LIST)
    long_frame = bytes.fromhex("0110F50F81").ljust(300, b"\x00")
    assert ask(chip, 0x40, b"\x41\xca" + long_frame[:200]) == b"\x00"
    assert ask(chip, 0x40, b"\x01" + long_frame[200:]) == b"\x00\x7e"
    card = chip.field.card
    card.exchange = lambda apdu: bytes(600)  # type: ignore[union-attr,method-assign]
    card._iso_dep._exchange = card.exchange  # type: ignore[union-attr]
    assert ask(chip, 0x40, b"\x01\x6a") == b"\x40" + bytes(262)
    assert ask(chip, 0x40, b"\x01") == b"\x40" + bytes(262)
    assert ask(chip, 0x40, b"\x01") == b"\x00" + bytes(76)


def with_copy() -> Pn532:
    """Two cards of one UID in the field, each with challenges of its own."""
    field, first = Field(), out_of_field()
    field.place(first)
    field.place(DesfireCard(UID, Random(99), first.chip.state))
    return awake(field)


def test_a_copy_answers_as_one_with_its_original_and_what_differs_is_noise() -> None:
    chip = with_copy()
    assert ask(chip, 0x4A, b"\x02\x00") == FOUND[2:]
    assert ask(chip, 0x40, b"\x01\x6a") == b"\x00\x00\x01PT"  # both say the same
    assert ask(chip, 0x40, b"\x01\x5a" + AID) == b"\x00\x00"
    assert ask(chip, 0x40, b"\x01\x71\x02\x00") == b"\x01"  # two challenges at once: R(NAK) does not help
    ask(chip, 0x12, b"\x00")
    ask(chip, 0x4A, b"\x01\x00")
    ask(chip, 0x42, b"\xe0\x80")
    assert ask(chip, 0x42, b"\x02\x5a" + AID) == b"\x00\x02\x00"
    assert ask(chip, 0x42, b"\x03\x71\x02\x00") == b"\x02"


@pytest.mark.parametrize("fault", ["lose_next_request", "lose_next_answer", "damage_next_answer"])
def test_one_fault_in_the_air_is_mended_by_the_chip(fault: str) -> None:
    chip, field = with_card()
    chip.feed(LIST)
    setattr(field.faults, fault, True)
    assert ask(chip, 0x40, b"\x01\x6a") == b"\x00\x00"
    assert not getattr(field.faults, fault)


def test_rates_are_set_right_after_activation() -> None:
    chip, _ = with_card()
    chip.feed(LIST)
    assert ask(chip, 0x4E, b"\x01\x02\x01") == b"\x00"
    assert ask(chip, 0x04)[3:7] == b"\x01\x02\x01\x00"
    assert ask(chip, 0x40, b"\x01\x6a") == b"\x00\x00"
    assert ask(chip, 0x4E, b"\x01\x01\x01") == b"\x01"
    assert ask(chip, 0x4E, b"\x02\x01\x01") == b"\x27"


@pytest.mark.parametrize(
    "answer", [b"", b"\x00", b"\xff" * 70, b"\x12\x00", b"\xf2\x01", b"\xa2", b"\x06" * 300]
)
def test_a_card_that_talks_nonsense(answer: bytes) -> None:
    chip, field = with_card()
    chip.feed(LIST)
    card = field.card
    assert card is not None
    before = card.dump()
    card.rf_frame = lambda frame: answer  # type: ignore[method-assign]
    assert ask(chip, 0x40, b"\x01\x60")[0] in (0x01, 0x13)
    assert ask(chip, 0x52, b"\x00") == b"\x00"
    chip.feed(LIST)
    assert ask(chip, 0x02) == b"\x32\x01\x06\x07"
    assert card.dump() == before


def test_a_card_with_a_random_uid_is_found_by_that_one() -> None:
    card = out_of_field()
    card.chip.state.configuration.random_uid = True
    field = Field()
    field.place(card)
    chip = awake(field, Clock())
    found = ask(chip, 0x4A, b"\x01\x00")
    assert found[:6] == bytes.fromhex("010103442004") and found[6:10] == card.rf_uid
    assert ask(chip, 0x4A, b"\x01\x00" + card.rf_uid) == found
