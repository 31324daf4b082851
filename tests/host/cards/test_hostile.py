"""Cards that hold the keys and answer anything: whatever they say, the desk's work ends with a word for the
clerk."""

import random
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from host.cards import account, rekey
from host.cards.loads import LoadUnknown
from host.cards.readers import CardGone
from host.cards.recover import recover
from host.cards.terms import NotPersonalisable, RegistryError
from protocol.card.apdu import CardError
from protocol.card.purse import NotOurs
from simulator.card.messaging.ev1 import Ev1Session
from simulator.card.messaging.ev2 import Ev2Session
from tests.host.looks import registered
from tests.host.rig import DirectConnection, Shop, blank
from tests.host.tags import WHO, blank_tag, issue, prove

WORDS = (CardError, NotOurs, CardGone, NotPersonalisable, RegistryError, LoadUnknown, account.NotProven)
SEEDS = range(12)
SPOILT = (b"", b"\x91", b"\x91\x00", b"\x91\xaf", b"\x90\x00")
SIZES = (0, 1, 2, 3, 4, 7, 8, 15, 16, 17, 24, 28, 32, 100)


@pytest.fixture
def engine() -> str:
    """What the card says is the same for both."""
    return "sqlite"


class Liar:
    """Now and then other data than the card's, under its right MAC; and now and then a broken answer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
        self.rng, self.lies, self.often = random.Random(seed), 0, 0.1
        for kind in (Ev1Session, Ev2Session):
            monkeypatch.setattr(kind, "wrap", self._wrapping(kind.wrap))

    def _wrapping(self, real: Any) -> Any:
        def wrap(session: Any, code: int, data: bytes, *more: Any) -> bytes:
            return bytes(real(session, code, self.told(data), *more))

        return wrap

    def told(self, data: bytes) -> bytes:
        if self.rng.random() > self.often:
            return data
        self.lies += 1
        way = self.rng.randrange(4)
        if way == 0:
            return self.rng.randbytes(self.rng.choice(SIZES))
        if way == 1:
            return data[: self.rng.randrange(len(data) + 1)]
        if way == 2:
            return data + self.rng.randbytes(self.rng.choice(SIZES))
        return bytes(byte ^ (self.rng.random() < 0.2) * self.rng.randrange(256) for byte in data)


class Broken(DirectConnection):
    """Spoils an answer on its way."""

    def __init__(self, card: Any, rng: random.Random) -> None:
        super().__init__(card)
        self._rng = rng

    def send_and_receive(self, apdu: bytes) -> bytes:
        answer = super().send_and_receive(apdu)
        if self._rng.random() > 0.02:
            return answer
        return self._rng.choice([*SPOILT, answer[2:], answer[:-3] + answer[-2:]])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_purse_that_says_anything(shop: Shop, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    card, fine, opened = blank(seed), shop.card(10_000), shop.opened
    shop.opened.keeper.rotate(["debit", "master"], b"another")
    with monkeypatch.context() as patched:
        liar = Liar(patched, seed)

        def desk(one: Any) -> Any:
            made = shop.desk(one)
            made.connection = Broken(one, liar.rng)
            return made

        acts: list[Callable[[], Any]] = [
            lambda: recover(desk(card)),
            lambda: desk(fine).load(registered(shop, fine), 700),
            lambda: recover(desk(fine)),
            lambda: rekey.move_keys(
                opened.database, opened.keeper, Broken(fine, liar.rng), registered(shop, fine), WHO
            ),
        ]
        acts += [
            partial(lambda one: desk(one).issue(500), one) for one in (card, *(blank() for _ in range(12)))
        ]
        for act in acts * 3:
            liar.often = liar.rng.choice((0.02, 0.1, 0.5))
            with suppress(*WORDS):
                act()
        assert liar.lies


@pytest.mark.parametrize("seed", SEEDS)
def test_an_account_card_that_says_anything(shop: Shop, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    tag = blank_tag(seed)
    with monkeypatch.context() as patched:
        liar = Liar(patched, seed)
        monkeypatch.setattr("tests.host.tags.at_reader", lambda card, **_: Broken(card, liar.rng))
        for act in [lambda: issue(shop, tag), lambda: prove(shop, tag)] * 12:
            liar.often = liar.rng.choice((0.02, 0.1, 0.5))
            with suppress(*WORDS):
                act()
        assert liar.lies
