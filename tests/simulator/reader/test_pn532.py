import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.reader import Field, Pn532, hsu
from simulator.reader.pn532 import I2C, SPI
from tests.simulator.card.terminal import blank_card
from tests.simulator.reader.host_side import (
    ACK,
    FOUND,
    LIST,
    WAKE,
    Clock,
    ask,
    awake,
    bodies,
    frame,
    with_card,
)


def test_the_chip_sleeps_until_the_line_has_woken_it() -> None:
    chip = Pn532(Field())
    version = frame(b"\xd4\x02")
    assert chip.feed(version) == b""  # its edges wake the chip, its bytes are lost
    assert bodies(chip.feed(version)) == [ACK, bytes.fromhex("D50332010607")]
    chip.reset()
    assert chip.feed(bytes(4)) == b"" and chip.feed(bytes(6) + version) != b""
    chip.reset()
    assert chip.feed(b"\x55" + version) != b""


def test_power_down_and_wake_up() -> None:
    chip = awake(Field())
    assert ask(chip, 0x16, b"\x10") == b"\x00"
    assert chip.feed(bytes(3)) == b""
    assert chip.feed(WAKE) == b""
    assert ask(chip, 0x02) == b"\x32\x01\x06\x07"


def test_power_down_names_the_interfaces_that_may_wake_it() -> None:
    chip = awake(Field())
    assert ask(chip, 0x16, b"\x20\x01") == b"\x00"  # SPI
    assert chip.feed(WAKE + frame(b"\xd4\x02")) == b""
    chip.wake(I2C)
    assert chip.feed(frame(b"\xd4\x02")) == b""
    chip.wake(SPI)
    assert ask(chip, 0x02) == b"\x32\x01\x06\x07"
    ask(chip, 0x16, b"\x20")
    chip.reset()  # the reset pin always does
    assert chip.feed(WAKE) == b"" and ask(chip, 0x02) == b"\x32\x01\x06\x07"


def test_pins_keep_what_is_written_with_their_validation_bit() -> None:
    chip = awake(Field())
    ask(chip, 0x0E, b"\x85\x02")
    assert ask(chip, 0x0C) == b"\x05\x06\x00"
    ask(chip, 0x0E, b"\x00\x82")
    assert ask(chip, 0x0C) == b"\x05\x02\x00"


def test_a_baud_rate_holds_from_the_acknowledgement_of_its_answer() -> None:
    chip = awake(Field())
    assert ask(chip, 0x10, b"\x07") == b""
    assert (chip.upkeep.baud, chip.upkeep.next_baud) == (115_200, 921_600)
    assert chip.feed(hsu.ACK) == b""
    assert (chip.upkeep.baud, chip.upkeep.next_baud) == (921_600, None)
    ask(chip, 0x10, b"\x02")
    ask(chip, 0x02)  # another command instead of the ACK: nothing changes
    assert chip.feed(hsu.ACK) == b"" and chip.upkeep.baud == 921_600
    chip.reset()
    assert chip.upkeep.baud == 115_200


def test_what_passes_on_the_line_can_be_heard() -> None:
    chip, heard = awake(Field()), []
    chip.line_listeners.append(lambda who, data: heard.append((who, data.hex())))
    chip.feed(frame(b"\xd4\x02"))
    assert heard == [
        ("host", "0000ff02fed4022a00"),
        ("chip", "0000ff00ff00"),
        ("chip", "0000ff06fad50332010607e800"),
    ]


@pytest.mark.parametrize(
    ("code", "data", "answer"),
    [
        (0x00, "00" + "AB" * 261, "00" + "AB" * 261),
        (0x00, "01", "00"),
        (0x04, "", "0001" + "00" + "00"),
        (0x06, "63016302", "0000"),
        (0x08, "630155", ""),
        (0x10, "07", ""),
        (0x12, "00", ""),
        (0x14, "01", ""),
        (0x32, "0101", ""),
        (0x32, "04FF", ""),
        (0x44, "00", "00"),
        (0x52, "00", "00"),
        (0x54, "01", "27"),
        (0x40, "0160", "27"),
        (0x42, "60", "01"),
        (0x42, "", "01"),
        (0x0C, "", "3F0600"),
        (0x0E, "8080", ""),
        (0x4E, "010101", "27"),
    ],
)
def test_commands(code: int, data: str, answer: str) -> None:
    assert ask(awake(Field()), code, bytes.fromhex(data)).hex().upper() == answer


@pytest.mark.parametrize(
    ("code", "data"),
    [
        (0x99, ""),
        (0x02, "00"),
        (0x00, "07"),
        (0x06, ""),
        (0x06, "63"),
        (0x08, "6301"),
        (0x10, ""),
        (0x10, "09"),
        (0x12, ""),
        (0x14, ""),
        (0x14, "05"),
        (0x16, ""),
        (0x32, ""),
        (0x32, "05FF"),
        (0x32, "7700"),
        (0x4A, ""),
        (0x4A, "0000"),
        (0x4A, "0300"),
        (0x4A, "0105"),
        (0x4A, "0101"),
        (0x4A, "010200FFFF00"),
        (0x4A, "0103"),
        (0x4A, "010000"),
        (0x40, ""),
        (0x0C, "00"),
        (0x0E, "80"),
        (0x16, "00"),
        (0x4E, "0101"),
        (0x4E, "010103"),
        (0x44, ""),
        (0x52, "0000"),
        (0x54, ""),
    ],
)
def test_malformed_commands_get_the_error_frame(code: int, data: str) -> None:
    sent = frame(bytes([0xD4, code]) + bytes.fromhex(data))
    assert awake(Field()).feed(sent) == ACK + hsu.ERROR


@pytest.mark.parametrize("body", ["D502", "D4", "00", "7F"])
def test_what_is_no_command_gets_the_error_frame(body: str) -> None:
    assert awake(Field()).feed(frame(bytes.fromhex(body))) == ACK + hsu.ERROR


def test_registers_keep_what_is_written() -> None:
    chip = awake(Field())
    ask(chip, 0x08, bytes.fromhex("630111630222"))
    assert ask(chip, 0x06, bytes.fromhex("63026301")) == b"\x22\x11"


def test_a_broken_frame_is_not_acknowledged_and_the_next_one_works() -> None:
    chip = awake(Field())
    assert chip.feed(frame(b"\xd4\x02")[:-2] + b"\x00\x00") == b""
    assert ask(chip, 0x02) == b"\x32\x01\x06\x07"


def test_a_card_is_found_with_its_ats() -> None:
    chip, _ = with_card()
    assert bodies(chip.feed(LIST)) == [ACK, FOUND]


def test_without_automatic_rats_the_host_speaks_to_the_card() -> None:
    chip, _ = with_card()
    ask(chip, 0x12, b"\x00")
    assert ask(chip, 0x4A, b"\x01\x00") == FOUND[2:-6]
    assert ask(chip, 0x42, b"\xe0\x80") == b"\x00" + bytes.fromhex("067577810280")
    assert ask(chip, 0x42, b"\x02\x6a") == b"\x00\x02\x00"
    assert ask(chip, 0x40, b"\x01\x03\x6a") == b"\x00\x03\x00"


def test_an_empty_field_is_reported_after_the_retries() -> None:
    clock = Clock()
    chip = awake(Field(), clock, retries=1)
    assert chip.feed(LIST) == ACK
    assert chip.due_s() == pytest.approx(0.010) and chip.poll() == b""
    clock.now_s += 0.011
    assert chip.due_s() == 0
    assert bodies(chip.poll()) == [bytes.fromhex("D54B00")]
    assert chip.due_s() is None and chip.poll() == b""
    assert ask(chip, 0x06, bytes.fromhex("6339")) == b"\x26"


def test_a_card_that_comes_while_the_chip_looks_is_found() -> None:
    field = Field()
    chip = awake(field, retries=0xFF)
    assert chip.feed(LIST) == ACK and chip.due_s() is None
    card = blank_card()
    card.leave_field()
    field.place(card)
    assert bodies(chip.poll()) == [FOUND]


@pytest.mark.parametrize("interruption", [hsu.ACK, b""])
def test_the_host_can_end_the_search(interruption: bytes) -> None:
    chip = awake(Field(), retries=0xFF)
    assert chip.feed(LIST) == ACK
    assert chip.feed(interruption) == b""
    assert ask(chip, 0x02) == b"\x32\x01\x06\x07"
    assert chip.poll() == b""


def test_faults() -> None:
    chip = awake(Field())
    good = chip.feed(frame(b"\xd4\x02"))
    chip.faults.corrupt_next_answer = True
    bad = chip.feed(frame(b"\xd4\x02"))
    assert len(bad) == len(good) and sum(a != b for a, b in zip(bad, good, strict=True)) == 1
    assert chip.feed(hsu.NACK) == good[6:]
    chip.faults.drop_next_answer = True
    assert chip.feed(frame(b"\xd4\x02")) == ACK
    chip.faults.drop_next_ack = True
    assert chip.feed(frame(b"\xd4\x02")) == good[6:]
    chip.faults.garbage_before_answer = b"noise"
    assert chip.feed(frame(b"\xd4\x02")) == ACK + b"noise" + good[6:]
    assert chip.feed(frame(b"\xd4\x02")) == good


def test_a_hanging_chip_needs_its_reset_pin() -> None:
    chip, field = with_card()
    chip.feed(LIST)
    chip.faults.hanging = True
    assert chip.feed(WAKE + frame(b"\xd4\x02")) == b"" and chip.poll() == b"" and chip.due_s() is None
    chip.reset()
    assert chip.feed(frame(b"\xd4\x02")[:2]) == b""
    assert chip.feed(WAKE) == b""
    assert ask(chip, 0x40, b"\x01\x60") == b"\x27"
    assert field.card is not None


def test_switching_the_field_off_lets_go_of_cards() -> None:
    chip, _ = with_card()
    chip.feed(LIST)
    ask(chip, 0x32, b"\x01\x00")
    assert ask(chip, 0x40, b"\x01\x60") == b"\x27"
    ask(chip, 0x32, b"\x01\x01")
    assert bodies(chip.feed(LIST)) == [ACK, FOUND]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.binary(min_size=1, max_size=30).map(lambda data: frame(b"\xd4" + data)),
            st.binary(max_size=20).map(lambda data: frame(b"\xd4\x40\x01" + data)),
            st.just(LIST),
        ),
        max_size=8,
    )
)
def test_no_bytes_raise(words: list[bytes]) -> None:
    chip, _ = with_card()
    for word in words:
        chip.feed(word)
        chip.poll()
    chip.reset()
    chip.feed(WAKE)
    assert ask(chip, 0x02) == b"\x32\x01\x06\x07"
