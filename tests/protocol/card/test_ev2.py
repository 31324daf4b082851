"""EV2 messaging, the reader's side: a card that lies, an answer that was touched, a counter that slipped."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import aes
from protocol.card import apdu, ev2, picc
from protocol.card.apdu import CardError
from protocol.card.layout import COMM_FULL, COMM_MAC, COMM_PLAIN
from simulator.card import crypto

KEY, OTHER = bytes(range(16)), bytes(range(1, 17))
RND_A, RND_B, TI = bytes(range(32, 48)), bytes(range(64, 80)), b"\x01\x02\x03\x04"
MODES = [COMM_PLAIN, COMM_MAC, COMM_FULL]


def session(counter: int = 0) -> ev2.Session:
    return ev2.Session(TI, b"e" * 16, b"m" * 16, counter)


class Card:
    """The card's two frames of an authentication, to be spoilt by the test."""

    def __init__(self, key: bytes = KEY) -> None:
        self.key = key
        self.first = picc.challenge(key, RND_B) + b"\x91\xaf"
        self.last: bytes | None = None

    def __call__(self, command: bytes) -> bytes:
        if command[1] == 0x71:
            assert command[5:-1] == b"\x02\x00"
            return self.first
        if self.last is None:
            return picc.final(self.key, RND_B, command[5:-1], TI, bytes(6), bytes(6)) + b"\x91\x00"
        return self.last


def opened(card: Card) -> ev2.Session:
    return apdu.run(ev2.authenticate(2, KEY, RND_A), card)


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_session_keys_as_the_virtual_card_derives_them(rnd_a: bytes, rnd_b: bytes) -> None:
    assert ev2.session_keys(KEY, rnd_a, rnd_b) == crypto.session_keys(KEY, rnd_a, rnd_b)


def test_authentication_gives_keys_ti_and_counter_zero() -> None:
    made = opened(Card())
    assert (made.ti, made.counter) == (TI, 0)
    assert (made.enc_key, made.mac_key) == ev2.session_keys(KEY, RND_A, RND_B)


@pytest.mark.parametrize(
    ("first", "status"),
    [
        (b"\x91\xae", 0xAE),
        (b"\x91\x40", 0x40),
        (bytes(16) + b"\x91\x00", 0x00),
        (bytes(15) + b"\x91\xaf", 0xAF),
        (bytes(32) + b"\x91\xaf", 0xAF),
    ],
)
def test_a_first_frame_that_is_no_challenge(first: bytes, status: int) -> None:
    card = Card()
    card.first = first
    with pytest.raises(CardError, match="refused authentication") as caught:
        opened(card)
    assert caught.value.status == status


@pytest.mark.parametrize("last", [b"\x91\xae", bytes(31) + b"\x91\x00", bytes(33) + b"\x91\x00", b"\x91\x00"])
def test_a_last_frame_of_the_wrong_form(last: bytes) -> None:
    card = Card()
    card.last = last
    with pytest.raises(CardError, match="does not accept our key"):
        opened(card)


def test_a_card_that_echoes_or_invents_its_proof_holds_no_key() -> None:
    card = Card()
    for proof in (bytes(32), Random(5).randbytes(32), picc.challenge(KEY, RND_B) * 2):
        card.last = proof + b"\x91\x00"
        with pytest.raises(CardError, match="does not hold our key"):
            opened(card)


def test_a_card_with_another_key_notices_the_reader() -> None:
    with pytest.raises(CardError, match="reader does not hold the key"):
        opened(Card(OTHER))


@given(st.binary(max_size=40), st.integers(0, 0xFFFE), st.sampled_from(MODES))
def test_a_command_is_read_by_the_card_as_it_was_meant(data: bytes, counter: int, comm: int) -> None:
    body = session(counter).command(0x8D, b"\x01head", data, comm)
    assert picc.open_command(session(counter), 0x8D, body, 5, comm) == (b"\x01head", data)


@given(st.binary(max_size=40), st.integers(0, 0xFFFE), st.sampled_from(MODES))
def test_an_answer_is_opened_and_the_counter_rises(data: bytes, counter: int, comm: int) -> None:
    reader = session(counter)
    assert reader.reply(picc.make_reply(session(counter), data, comm), comm) == data
    assert reader.counter == counter + 1


@pytest.mark.parametrize("comm", [COMM_MAC, COMM_FULL])
def test_every_flipped_bit_of_an_answer_is_seen(comm: int) -> None:
    answer = picc.make_reply(session(3), b"\xc4\x09\x00\x00", comm)
    for at in range(len(answer) * 8):
        touched = bytearray(answer)
        touched[at // 8] ^= 1 << at % 8
        with pytest.raises(CardError, match="MAC of the card's answer"):
            session(3).reply(bytes(touched), comm)


@pytest.mark.parametrize("comm", [COMM_MAC, COMM_FULL])
def test_every_cut_of_an_answer_is_seen(comm: int) -> None:
    answer = picc.make_reply(session(3), b"\xc4\x09\x00\x00", comm)
    for size in range(len(answer)):
        with pytest.raises(CardError, match="MAC of the card's answer"):
            session(3).reply(answer[:size], comm)


def test_an_answer_of_another_command_or_session_is_refused() -> None:
    answer = picc.make_reply(session(3), b"ok", COMM_MAC)
    for counter in (2, 4):
        with pytest.raises(CardError, match="MAC"):
            session(counter).reply(answer)
    other = ev2.Session(b"\xff" + TI[1:], b"e" * 16, b"m" * 16, 3)
    with pytest.raises(CardError, match="MAC"):
        other.reply(answer)
    with pytest.raises(CardError, match="MAC"):
        session(3).reply(answer, status=0x40)


def sealed(plain: bytes) -> bytes:
    """A full-mode answer to command 0 whose MAC is right, whatever its padding."""
    block = b"\x5a\xa5" + TI + (1).to_bytes(2, "little") + bytes(8)
    body = aes.encrypt_cbc(b"e" * 16, aes.encrypt_block(b"e" * 16, block), plain)
    return body + session().tag(0, 1, body)


@pytest.mark.parametrize(
    "plain",
    [bytes(16), b"a" * 16, b"a\x80" + bytes(13) + b"\x01", b"\x81" + bytes(15), b"\x80" + bytes(31)],
)
def test_wrong_padding_under_a_right_mac(plain: bytes) -> None:
    with pytest.raises(CardError, match="padding"):
        session().reply(sealed(plain), COMM_FULL)


def test_right_padding_made_by_hand() -> None:
    assert session().reply(sealed(b"abcd\x80" + bytes(11)), COMM_FULL) == b"abcd"
    assert session().reply(sealed(b"\x80" + bytes(15)), COMM_FULL) == b""


def test_encrypted_data_that_is_no_whole_block() -> None:
    with pytest.raises(CardError, match="multiple of 16"):
        session().reply(b"abc" + session().tag(0, 1, b"abc"), COMM_FULL)


def test_exchange_takes_the_answer_in_its_own_mode() -> None:
    reader, card = session(), session()
    answer = picc.make_reply(card, b"", COMM_MAC) + b"\x91\x00"
    procedure = reader.exchange(0xDC, b"\x02", bytes(4), COMM_FULL, COMM_MAC)
    assert apdu.run(procedure, lambda _command: answer) == b""
    assert reader.counter == 1


def test_change_key_data_of_the_own_key_and_of_another() -> None:
    assert ev2.change_key_data(KEY, 1, None) == KEY + b"\x01"
    other = ev2.change_key_data(KEY, 1, OTHER)
    assert other == aes.xor(KEY, OTHER) + b"\x01" + crypto.jamcrc(KEY)
