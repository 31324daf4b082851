import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.card.iso14443 import ATS, FRAME_WAIT_MS, IsoDep

RATS_256, RATS_16 = b"\xe0\x80", b"\xe0\x00"


class Echo:
    """Answers every APDU with itself and records what happened."""

    def __init__(self) -> None:
        self.apdus: list[bytes] = []
        self.delivered = 0
        self.silent = False
        self.layer = IsoDep(self.exchange, self.on_delivered)

    def exchange(self, apdu: bytes) -> bytes | None:
        self.apdus.append(apdu)
        return None if self.silent else apdu

    def on_delivered(self) -> None:
        self.delivered += 1


@pytest.fixture
def card() -> Echo:
    echo = Echo()
    assert echo.layer.frame(RATS_256) == ATS
    return echo


def test_rats_comes_first_and_once() -> None:
    layer = Echo().layer
    assert layer.frame(RATS_256) == ATS
    assert layer.frame(RATS_256) is None


@pytest.mark.parametrize("frame", ["0260", "E0", "E08F", "E080FF", "5000", "C2", "30"])
def test_what_is_no_rats_sends_the_card_to_sleep_until_it_is_selected_again(frame: str) -> None:
    layer = Echo().layer
    assert layer.frame(bytes.fromhex(frame)) is None
    assert layer.frame(RATS_256) is None
    layer.reset()
    assert layer.frame(RATS_256) == ATS


def test_block_numbers_follow_each_other(card: Echo) -> None:
    assert card.layer.frame(b"\x02one") == b"\x02one"
    assert card.layer.frame(b"\x03two") == b"\x03two"
    assert card.layer.frame(b"\x02three") == b"\x02three"
    assert card.delivered == 3


def test_a_chained_command_is_acknowledged_part_by_part(card: Echo) -> None:
    assert card.layer.frame(b"\x12first ") == b"\xa2"
    assert card.layer.frame(b"\x13second ") == b"\xa3"
    assert card.layer.frame(b"\x02third") == b"\x02first second third"
    assert card.apdus == [b"first second third"]


def test_a_long_answer_is_chained_and_delivered_with_its_last_block() -> None:
    card = Echo()
    card.layer.frame(RATS_16)
    message = bytes(range(30))
    assert card.layer.frame(b"\x12" + message[:13]) == b"\xa2"
    assert card.layer.frame(b"\x03" + message[13:]) == b"\x13" + message[:13]
    assert card.layer.frame(b"\xa2") == b"\x12" + message[13:26]
    assert card.delivered == 0
    assert card.layer.frame(b"\xa3") == b"\x03" + message[26:]
    assert card.delivered == 1


def test_a_lost_answer_is_repeated_without_running_the_command_again(card: Echo) -> None:
    assert card.layer.frame(b"\x02debit") == b"\x02debit"
    assert card.layer.frame(b"\xb2") == b"\x02debit"
    assert card.layer.frame(b"\xa2") == b"\x02debit"
    assert card.apdus == [b"debit"]


def test_a_lost_command_is_asked_for_again(card: Echo) -> None:
    assert card.layer.frame(b"\x02one") == b"\x02one"
    assert card.layer.frame(b"\xb3") == b"\xa2"  # the card is still at number 0: send it again
    assert card.layer.frame(b"\x03two") == b"\x03two"


def test_an_acknowledgement_with_nothing_left_to_send_is_not_answered(card: Echo) -> None:
    assert card.layer.frame(b"\x02one") == b"\x02one"
    assert card.layer.frame(b"\xa3") is None


def test_deselect_ends_it_and_selection_begins_anew(card: Echo) -> None:
    card.layer.frame(b"\x02one")
    assert card.layer.frame(b"\xc2") == b"\xc2"
    assert card.layer.frame(b"\x03two") is None
    assert card.layer.frame(RATS_256) is None
    card.layer.reset()
    assert card.layer.frame(RATS_256) == ATS
    assert card.layer.frame(b"\x02three") == b"\x02three"


def test_card_identifiers() -> None:
    card = Echo()
    card.layer.frame(b"\xe0\x83")
    assert card.layer.frame(b"\x02one") is None
    assert card.layer.frame(b"\x0a\x02one") is None
    assert card.layer.frame(b"\x0a\x03one") == b"\x0a\x03one"
    assert card.layer.frame(b"\xca\x03") == b"\xca\x03"


def test_pps_sets_the_rates_of_both_directions(card: Echo) -> None:
    assert card.layer.frame(b"\xd0\x11\x06") == b"\xd0"
    assert (card.layer.to_card_kbits, card.layer.from_card_kbits) == (424, 212)
    assert card.layer.frame(b"\x02one") == b"\x02one"
    card.layer.reset()
    assert card.layer.to_card_kbits == 106


def test_pps_without_rates_leaves_them(card: Echo) -> None:
    assert card.layer.frame(b"\xd0\x01") == b"\xd0" and card.layer.to_card_kbits == 106


@pytest.mark.parametrize("frame", ["D0", "D000", "D011", "D01110", "D0110000", "D10111", "D00100"])
def test_a_bad_pps_is_not_answered_and_changes_nothing(card: Echo, frame: str) -> None:
    assert card.layer.frame(bytes.fromhex(frame)) is None
    assert card.layer.to_card_kbits == 106
    assert card.layer.frame(b"\x02one") == b"\x02one"


def test_pps_comes_before_any_block(card: Echo) -> None:
    assert card.layer.frame(b"\x02one") == b"\x02one"
    assert card.layer.frame(b"\xd0\x11\x0a") is None and card.layer.to_card_kbits == 106


def slow(busy_ms: float) -> Echo:
    echo = Echo()
    echo.layer = IsoDep(echo.exchange, echo.on_delivered, lambda apdu: busy_ms)
    assert echo.layer.frame(RATS_256) == ATS
    return echo


def test_a_long_command_asks_for_time_and_begins_when_it_is_granted() -> None:
    card = slow(3.5 * FRAME_WAIT_MS)
    assert card.layer.frame(b"\x02format") == b"\xf2\x03"
    assert card.apdus == []
    assert card.layer.frame(b"\xb2") == b"\xf2\x03"  # the request was lost
    assert card.layer.frame(b"\xf2\x02") is None  # not what it asked for
    assert card.layer.frame(b"\x02another") is None
    assert card.layer.frame(b"\xf2\x03") == b"\x02format"
    assert card.layer.frame(b"\xf2\x03") is None
    assert card.apdus == [b"format"] and card.delivered == 1


def test_a_very_long_command_asks_twice() -> None:
    card = slow(100 * FRAME_WAIT_MS)
    assert card.layer.frame(b"\x02format") == b"\xf2\x3b"
    assert card.layer.frame(b"\xf2\x3b") == b"\xf2\x28"
    assert card.layer.frame(b"\xf2\x28") == b"\x02format"


def test_time_is_asked_for_with_the_card_identifier() -> None:
    card = Echo()
    card.layer = IsoDep(card.exchange, card.on_delivered, lambda apdu: FRAME_WAIT_MS + 1)
    card.layer.frame(b"\xe0\x83")
    assert card.layer.frame(b"\x0a\x03format") == b"\xfa\x03\x01"
    assert card.layer.frame(b"\xfa\x03\x01") == b"\x0a\x03format"


def test_selection_forgets_a_command_that_waits() -> None:
    card = slow(2 * FRAME_WAIT_MS)
    card.layer.frame(b"\x02format")
    card.layer.reset()
    card.layer.frame(RATS_256)
    assert card.layer.frame(b"\xf2\x01") is None and card.apdus == []


def test_the_frame_size_of_the_ats_holds(card: Echo) -> None:
    assert card.layer.frame(b"\x02" + bytes(62)) is None
    assert card.layer.frame(b"\x02" + bytes(61)) == b"\x02" + bytes(61)


@pytest.mark.parametrize(
    "frame", ["A200", "B200", "C200", "EA", "E2", "06", "0E0000", "F2", "F201", "22", "8A"]
)
def test_blocks_that_no_reader_may_send_are_ignored(card: Echo, frame: str) -> None:
    assert card.layer.frame(b"\x02one") == b"\x02one"
    assert card.layer.frame(bytes.fromhex(frame)) is None
    assert card.layer.frame(b"\x03two") == b"\x03two"


def test_a_card_that_leaves_is_silent_and_has_nothing_to_repeat(card: Echo) -> None:
    card.silent = True
    assert card.layer.frame(b"\x02commit") is None
    assert card.layer.frame(b"\xb2") is None
    assert card.delivered == 0


def test_an_endless_chain_is_dropped(card: Echo) -> None:
    answers = [card.layer.frame(bytes([0x12 | n & 1]) + bytes(60)) for n in range(20)]
    assert None in answers and card.apdus == []


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=20), max_size=30))
def test_no_frame_raises(frames: list[bytes]) -> None:
    card = Echo()
    card.layer.frame(RATS_16)
    for frame in frames:
        answer = card.layer.frame(frame)
        assert answer is None or 1 <= len(answer) <= 14
