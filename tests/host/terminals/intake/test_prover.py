"""What the prover says of messages: only what it is sure of, and only what it was told keys for."""

import socket

import pytest

from host.terminals.intake import prover
from host.terminals.intake.opening import at_once
from host.terminals.intake.prover import Prover
from protocol.wire import messages
from tests.host.keyed import KeyedCard, journal, keyed_cards
from tests.host.rig import KioskSide, Shop


@pytest.fixture
def kiosk(shop: Shop) -> KioskSide:
    return shop.connected()


@pytest.fixture
def card(shop: Shop) -> KeyedCard:
    return keyed_cards(shop, 1)[0]


@pytest.fixture
def asked(shop: Shop, kiosk: KioskSide) -> Prover:
    """A prover that knows the kiosk."""
    known = shop.kiosks.find(kiosk.name)
    assert known is not None
    told = Prover()
    assert told.answer(([(known.number, known.name, known.issue, known.up_key)], [], [])) == []
    return told


def proven(asked: Prover, *payloads: bytes) -> list[int]:
    """The key version that proves each report."""
    answer = asked.answer(([], [], [(1, payload) for payload in payloads]))
    return [report[-1] for reports in answer for report in reports or []]


def test_reports_are_those_that_the_writer_would_open(
    shop: Shop, asked: Prover, kiosk: KioskSide, card: KeyedCard
) -> None:
    payloads = [card.sale(kiosk), journal(kiosk, [card.pay(kiosk, 5) for _ in range(3)])]
    known = shop.kiosks.find(kiosk.name)
    assert known is not None
    for payload, found in zip(payloads, asked.answer(([], [], [(1, one) for one in payloads])), strict=True):
        opened = at_once(known, payload)
        assert opened is not None and found is not None and len(opened) == len(found)
        for mine, (epoch, counter, _, told, content, digest, _) in zip(opened, found, strict=True):
            assert (mine.epoch, mine.counter, mine.told) == (epoch, counter, told)
            assert (mine.encoded, mine.digest) == (content, digest)


def test_a_sale_is_proven_with_the_key_that_was_told_last(
    asked: Prover, kiosk: KioskSide, card: KeyedCard
) -> None:
    sale = card.sale(kiosk)
    assert proven(asked, sale) == [0]
    asked.answer(([], [((card.uid, 1, 1), bytes(16))], []))
    assert proven(asked, sale) == [0]
    asked.answer(([], [((card.uid, 1, 3), card.key)], []))
    assert proven(asked, sale) == [3]
    number, values = card.pay(kiosk, 1)
    forged = kiosk.message(number, messages.SALE, **values | {"value_fen": values["value_fen"] + 1})
    other_life = kiosk.message(number, messages.SALE, **values | {"issue": 2})
    assert proven(asked, forged, other_life) == [0, 0]


def test_what_it_is_not_sure_of_it_leaves_to_the_writer(
    asked: Prover, kiosk: KioskSide, card: KeyedCard
) -> None:
    sale = card.sale(kiosk)
    odd = [sale[:-1] + bytes([sale[-1] ^ 1]), b"", bytes(70), kiosk.hello(), sale[:-20] + sale[-16:]]
    assert asked.answer(([], [], [(1, payload) for payload in odd])) == [None] * len(odd)


def test_more_cards_than_it_keeps_are_forgotten(
    asked: Prover, kiosk: KioskSide, card: KeyedCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prover, "CARDS_MAX", 2)
    sale = card.sale(kiosk)
    asked.answer(([], [((card.uid, 1, 1), card.key)], []))
    assert proven(asked, sale) == [1]
    asked.answer(([], [((bytes([n]) * 7, 1, 1), bytes(16)) for n in range(2)], []))
    assert proven(asked, sale) == [0]


def test_a_frame_that_breaks_off_is_no_frame() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            prover.send(theirs, [None])
            theirs.sendall(b"\0\0\0\7abc")
        assert prover.receive(ours) == [None]
        with pytest.raises(EOFError):
            prover.receive(ours)
