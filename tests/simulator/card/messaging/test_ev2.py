from typing import Any

import pytest

from simulator.card.messaging import CommMode
from simulator.card.messaging.ev2 import Ev2Session
from simulator.card.status import INTEGRITY_ERROR, Refused
from tests.simulator.card.vectors import vectors

KEY_A, KEY_B, TI = bytes(range(16)), bytes(range(16, 32)), b"\x01\x02\x03\x04"


def session(given: dict[str, Any]) -> Ev2Session:
    return Ev2Session(0, given["ti"], given["enc_key"], given["mac_key"], given["ctr"])


def command(card: Ev2Session, cmd: int, header: bytes, data: bytes) -> bytes:
    """A MACed command body from the reader's side, which shares the card's MAC function."""
    return data + card._mac(cmd, header + data)


@pytest.mark.parametrize(("given", "expected"), vectors("ev2-command"))
def test_published_command_is_opened_and_answered(given: dict[str, Any], expected: dict[str, Any]) -> None:
    card, mode = session(given), CommMode(given["comm"])
    apdu, header = expected["apdu"], given["header"]
    assert apdu[1:2] == given["cmd"] and apdu[5 : 5 + len(header)] == header
    assert card.unwrap(apdu[1], header, apdu[5 + len(header) : -1], mode, len(given["data"])) == given["data"]
    assert card.wrap(expected["status"][0], expected["reply_data"], mode) == expected["reply"]
    assert card.counter == given["ctr"] + 1


@pytest.mark.parametrize(("given", "expected"), vectors("ev2-command"))
def test_every_flipped_bit_of_a_published_command_is_refused(
    given: dict[str, Any], expected: dict[str, Any]
) -> None:
    body = expected["apdu"][5 + len(given["header"]) : -1]
    for bit in range(8 * len(body)):
        card = session(given)
        broken = bytearray(body)
        broken[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Refused) as refusal:
            card.unwrap(given["cmd"][0], given["header"], bytes(broken), CommMode(given["comm"]))
        assert refusal.value.status == INTEGRITY_ERROR
        assert card.counter == given["ctr"]


def test_a_played_back_command_is_refused() -> None:
    card = Ev2Session(2, TI, KEY_A, KEY_B)
    body = command(card, 0xDC, b"\x02", b"data")
    assert card.unwrap(0xDC, b"\x02", body, CommMode.MAC, 4) == b"data"
    card.wrap(0, b"", CommMode.MAC)
    with pytest.raises(Refused):
        card.unwrap(0xDC, b"\x02", body, CommMode.MAC, 4)


@pytest.mark.parametrize("body", [b"", bytes(7), bytes(8), bytes(9)])
def test_short_and_unsigned_bodies_are_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        Ev2Session(0, TI, KEY_A, KEY_B).unwrap(0x3D, b"\x01", body, CommMode.MAC)


@pytest.mark.parametrize("sent", [bytes(15), bytes(17), bytes(16)])
def test_signed_data_that_does_not_decrypt_is_refused(sent: bytes) -> None:
    card = Ev2Session(0, TI, KEY_A, KEY_B)
    with pytest.raises(Refused):
        card.unwrap(0x3D, b"\x01", command(card, 0x3D, b"\x01", sent), CommMode.FULL)


def test_plain_commands_count() -> None:
    card = Ev2Session(0, TI, KEY_A, KEY_B)
    assert card.unwrap(0xBD, b"", b"", CommMode.PLAIN, 0) == b""
    assert card.wrap(0, b"data", CommMode.PLAIN) == b"data"
    assert card.counter == 1


def test_the_counter_does_not_wrap() -> None:
    card = Ev2Session(0, TI, KEY_A, KEY_B, counter=0xFFFF)
    with pytest.raises(Refused):
        card.unwrap(0xBD, b"", b"", CommMode.PLAIN, 0)
