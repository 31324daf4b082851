"""The card's side, as far as it refuses: what it accepts is in test_ev2.py and the vectors."""

import pytest

from protocol.card import ev2, picc
from protocol.card.apdu import CardError
from protocol.card.layout import COMM_FULL, COMM_MAC

KEY, RND_B = bytes(range(16)), bytes(range(64, 80))


def session(counter: int = 0) -> ev2.Session:
    return ev2.Session(b"\x01\x02\x03\x04", b"e" * 16, b"m" * 16, counter)


def test_a_reader_that_turns_another_challenge() -> None:
    response, _ = ev2.answer_challenge(KEY, picc.challenge(KEY, RND_B[::-1]), bytes(16))
    with pytest.raises(CardError, match="reader does not hold the key"):
        picc.final(KEY, RND_B, response, bytes(4), bytes(6), bytes(6))


@pytest.mark.parametrize("comm", [COMM_MAC, COMM_FULL])
def test_a_touched_or_repeated_command(comm: int) -> None:
    body = session().command(0xDC, b"\x02", b"\xc4\x09\x00\x00", comm)
    for at in range(len(body)):
        touched = body[:at] + bytes([body[at] ^ 0x40]) + body[at + 1 :]
        with pytest.raises(CardError, match="MAC of the command"):
            picc.open_command(session(), 0xDC, touched, 1, comm)
    with pytest.raises(CardError, match="MAC of the command"):
        picc.open_command(session(1), 0xDC, body, 1, comm)
    with pytest.raises(CardError, match="MAC of the command"):
        picc.open_command(session(), 0x0C, body, 1, comm)
