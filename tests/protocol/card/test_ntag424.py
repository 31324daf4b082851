"""What is sent to an account card, against the virtual one and against answers that no card gives."""

from collections.abc import Callable, Generator
from random import Random
from typing import Any

import pytest

from protocol.card import apdu, ntag424, sun
from protocol.card.apdu import CardError
from tests.simulator.card.ntag424.tag import UID, ZERO, change_key, fresh, known

RND_A = bytes(range(16))
MESSAGE = sun.message("https://cards.example/c")
OK = b"\x90\x00"


def test_a_card_proves_its_uid_under_its_own_key() -> None:
    card = fresh()
    assert apdu.run(ntag424.prove(ZERO, RND_A), card.exchange) == UID
    change_key(known(card), ntag424.KEY_ACCOUNT, ZERO, b"\x07" * 16)
    assert apdu.run(ntag424.prove(b"\x07" * 16, RND_A), card.exchange) == UID
    with pytest.raises(CardError, match="status AE"):
        apdu.run(ntag424.prove(ZERO, RND_A), card.exchange)


def made() -> Any:
    """A card with our message and settings, keys zero."""
    card = fresh()
    session = apdu.run(ntag424.authenticate(ntag424.KEY_MASTER, ZERO, RND_A), card.exchange)
    apdu.run(ntag424.write_message(session, MESSAGE), card.exchange)
    settings = ntag424.ndef_settings(MESSAGE)
    apdu.run(ntag424.change_settings(session, ntag424.FILE_NDEF, settings), card.exchange)
    return card


def test_settings_are_shown_as_they_were_made() -> None:
    card = made()
    apdu.run(ntag424.select(), card.exchange)
    shown = apdu.run(apdu.exchange(0xF5, bytes([ntag424.FILE_NDEF])), card.exchange)
    assert shown == ntag424.shown_settings(ntag424.FILE_NDEF, MESSAGE)
    shown = apdu.run(apdu.exchange(0xF5, bytes([ntag424.FILE_CC])), card.exchange)
    assert shown == ntag424.shown_settings(ntag424.FILE_CC, MESSAGE)


def test_a_message_is_read_by_anybody_and_is_genuine() -> None:
    card = made()
    for counter in (1, 2):
        url = sun.url_of(apdu.run(ntag424.read_message(), card.exchange))
        assert url is not None and url.startswith("https://cards.example/c?p=")
        said = sun.parse(url)
        assert said is not None
        assert sun.open_picc_data(ZERO, said[0]) == (UID, counter)
        assert sun.genuine(ZERO, UID, counter, said[1])


def test_a_fresh_card_has_no_message() -> None:
    with pytest.raises(CardError, match="no message"):
        apdu.run(ntag424.read_message(), fresh().exchange)


PROCEDURES: list[Callable[[], Generator[bytes, bytes, Any]]] = [
    ntag424.read_message,
    ntag424.select,
    lambda: ntag424.prove(ZERO, RND_A),
]


@pytest.mark.parametrize("procedure", PROCEDURES)
def test_garbage_is_refused_wherever_it_comes(procedure: Callable[[], Generator[bytes, bytes, Any]]) -> None:
    rng = Random(9)
    for _ in range(500):
        good = rng.randrange(4)  # so many true answers first
        card, count = made(), 0

        def answer(command: bytes, card: Any = card, good: int = good) -> bytes:
            nonlocal count
            count += 1
            true = card.exchange(command)
            if count <= good:
                return bytes(true)
            tail = rng.choice((b"", OK, b"\x91\x00", b"\x91\xaf", bytes(true[-2:])))
            return rng.randbytes(rng.randrange(0, 40)) + tail

        try:
            apdu.run(procedure(), answer)
        except CardError:
            pass
        else:
            assert procedure is not PROCEDURES[2], "nothing but the card proves the card"


@pytest.mark.parametrize("step", [2, 3, 4])
@pytest.mark.parametrize("bit", range(8))
def test_a_changed_answer_proves_nothing(step: int, bit: int) -> None:
    """Whoever is between host and card changes one bit: of the challenge, the proof, the UID."""
    card, count = fresh(), 0

    def flip(command: bytes) -> bytes:
        nonlocal count
        count += 1
        true = card.exchange(command)
        assert true is not None
        changed = bytearray(true)
        if count == step:
            changed[bit * 2] ^= 1 << bit
        return bytes(changed)

    with pytest.raises(CardError):
        apdu.run(ntag424.prove(ZERO, RND_A), flip)
    assert count >= step


def test_an_answer_may_not_be_longer_than_asked() -> None:
    with pytest.raises(CardError, match="more than it was asked"):
        apdu.run(ntag424.iso(ntag424.READ_BINARY, 0, 0, b"", 2), lambda _command: b"abc" + OK)
