"""Requests and sessions: numbers that rise, marks of cards for which something waits."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from protocol.wire import messages, online
from protocol.wire.online import MARK_SIZE, MARKS_MAX, SESSIONS_MAX, STEPS_MAX

UIDS = st.one_of(*(st.binary(min_size=size, max_size=size) for size in (4, 7, 10)))


def test_numbers_of_steps_rise_within_a_session_and_from_one_to_the_next_and_fit() -> None:
    steps = [(1, 0), (1, 1), (1, STEPS_MAX), (2, 0), (SESSIONS_MAX, 0), (SESSIONS_MAX, STEPS_MAX)]
    numbers = [online.number(*step) for step in steps]
    assert all(low < high for low, high in itertools.pairwise(numbers))
    assert {stream for stream, _ in numbers} == {online.STREAM}
    assert numbers[-1][1] == messages.U32


@given(st.lists(UIDS, max_size=20), UIDS)
def test_a_card_is_marked_when_one_of_the_marks_is_its_uids_end(uids: list[bytes], other: bytes) -> None:
    marks = b"".join(uid[-MARK_SIZE:] for uid in uids)
    assert all(online.is_marked(marks, uid) for uid in uids)
    assert online.is_marked(marks, other) == (other[-MARK_SIZE:] in {uid[-MARK_SIZE:] for uid in uids})


def test_a_mark_across_two_others_is_none() -> None:
    marks = b"\x01\x02\x03\x04\x05\x06\x07\x08"
    assert not online.is_marked(marks, b"\x04\x03\x04\x05\x06")
    assert online.is_marked(marks + b"\x03\x04\x05\x06", b"\x04\x03\x04\x05\x06")


def test_a_step_and_its_answers_fit_a_message() -> None:
    frames = [bytes(261)] * online.APDUS_MAX
    body = messages.body(online.RELAY, nonce=bytes(8), request=bytes(8), session=1, step=1, apdus=frames)
    assert sum(map(len, body[5])) < 2500
    marks = bytes(MARK_SIZE * MARKS_MAX)
    assert messages.body(online.WAITING, nonce=bytes(8), version=1, marks=marks)
