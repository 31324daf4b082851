"""The virtual clock, against sums made by hand."""

import pytest

from simulator.card.timing import BLOCK_MS, FRAME_MS, PROGRAM_MS, command_ms
from simulator.reader import Field
from simulator.reader.timing import PARAMETERS, Event, Model, Tape
from tests.simulator.card.terminal import out_of_field
from tests.simulator.reader.host_side import LIST, ask, awake

ETU_US = 128 / 13.56
DELAY_US = 1172 / 13.56


def air_ms(count: int, divisor: int = 1) -> float:
    """Of a frame whose bytes are counted with their CRC."""
    return ((9 * count + 2) * ETU_US / divisor + DELAY_US) / 1000


@pytest.mark.parametrize(("baud", "byte_ms"), [(115_200, 0.0868), (921_600, 0.01085)])
def test_the_line_takes_ten_bits_a_byte_and_the_chip_its_time(baud: int, byte_ms: float) -> None:
    model = Model(baud)
    assert model.run([Event("chip", bytes(100))]) == pytest.approx(100 * byte_ms, rel=1e-3)
    turn_ms = sum(PARAMETERS[name].value for name in ("host_command", "chip_ack", "chip_command"))
    assert model.run([Event("host", bytes(10))]) == pytest.approx(10 * byte_ms + turn_ms, rel=1e-3)


def test_a_frame_takes_its_bits_and_the_card_its_time() -> None:
    model = Model(115_200)
    answer = b"\x02" + bytes(10)
    took_ms = model.run([Event("air", b"\x02\x6a", answer)])
    assert took_ms == pytest.approx(air_ms(4) + FRAME_MS + air_ms(13))
    assert model.run([Event("air", b"\xa2", answer)]) == pytest.approx(air_ms(3) + air_ms(13))  # of a chain
    assert model.run([Event("air", b"\x12\x6a", b"\xa2")]) == pytest.approx(air_ms(4) + air_ms(3))
    assert model.run([Event("air", b"\x03\x6a")]) == pytest.approx(air_ms(4))  # silence


def test_pps_divides_what_follows_until_the_next_rats() -> None:
    model, rats = Model(115_200), Event("air", b"\xe0\x50", bytes.fromhex("067577810280"))
    block = Event("air", b"\xb2", b"\xa2")
    assert model.run([rats]) == pytest.approx(air_ms(4) + air_ms(8) + 4096 / 13_560 * 2)
    model.run([Event("air", b"\xd0\x11\x06", b"\xd0")])  # 424 to the card, 212 from it
    assert model.run([block]) == pytest.approx(air_ms(3, 4) + air_ms(3, 2))
    model.run([rats])
    assert model.run([block]) == pytest.approx(2 * air_ms(3))


def test_a_pps_that_is_not_answered_changes_nothing() -> None:
    model = Model(115_200)
    model.run([Event("air", b"\xd0\x11\x0a")])
    assert model.run([Event("air", b"\xb2", b"\xa2")]) == pytest.approx(2 * air_ms(3))


def test_selection_has_a_round_for_every_three_bytes_of_the_uid() -> None:
    times = []
    for uid_bytes in (4, 7, 10):
        model = Model(115_200)
        model.select(uid_bytes, second_searched=False)
        times.append(model.now_ms)
    level_ms = air_ms(2) + air_ms(5) + air_ms(9) + air_ms(3)
    assert times[1] - times[0] == pytest.approx(level_ms)
    assert times[2] - times[1] == pytest.approx(level_ms)
    model = Model(115_200)
    model.select(4, second_searched=True)
    assert model.now_ms == pytest.approx(times[0] + PARAMETERS["chip_search"].value)


def test_a_command_costs_the_same_in_both_clothes() -> None:
    commit_ms = FRAME_MS + 10 * BLOCK_MS + 5 * PROGRAM_MS
    assert command_ms(b"\xc7\x01") == command_ms(bytes.fromhex("90C70000010100")) == commit_ms
    assert command_ms(b"\x6a") == command_ms(b"") == command_ms(b"\x90") == FRAME_MS


def test_a_tape_has_what_passed_in_order() -> None:
    field, tape = Field(), Tape()
    field.place(out_of_field())
    chip = awake(field)
    chip.line_listeners.append(tape.line)
    field.frame_listeners.append(tape.air)
    chip.feed(LIST)
    ask(chip, 0x40, b"\x01\x6a")
    kinds = [event.kind for event in tape.events]
    assert kinds == ["host", "chip", "air", "chip", "host", "chip", "air", "chip"]
    assert tape.events[6] == Event("air", b"\x02\x6a", bytes.fromhex("0200015054"))
    once, twice = Model(115_200), Model(115_200)
    assert once.run(tape.events) == pytest.approx(sum(twice.run([event]) for event in tape.events))


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_parameter_has_a_source_or_says_that_it_is_assumed(name: str) -> None:
    parameter = PARAMETERS[name]
    assert parameter.value > 0 and len(parameter.source) > 20
