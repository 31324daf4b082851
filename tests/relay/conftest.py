"""A whole shop: real broker, host and MicroPython; one kiosk, and cards made at its desk."""

from collections.abc import Iterator
from typing import Any, Protocol

import pytest

from protocol.card import layout
from simulator.card import DesfireCard
from simulator.unit import KioskUnit
from simulator.wallet import HeldCard
from simulator.world import World

PRICE_FEN = 100
WAIT_S = 60.0


class Tapped(Protocol):
    """A card with a name of its own."""

    card: Any


class Shop:
    """What the tests of the relay do with a world."""

    def __init__(self, world: World, unit: KioskUnit) -> None:
        self.world, self.unit = world, unit

    def card(self, name: str, balance_fen: int) -> HeldCard:
        return self.world.add_purse(name, balance_fen)

    def take(self, held: HeldCard, amount_fen: int) -> None:
        """Cash taken for a card that is not there; the kiosk knows of it by then."""
        self.world.host.post(f"/cards/{held.uid}/waiting", amount_fen=amount_fen)
        assert self.unit.wait_for(self.knows, WAIT_S), self.told()

    def knows(self) -> bool:
        """Has the kiosk confirmed the newest list of what waits?"""
        (kiosk,) = self.world.host.get("/kiosks")
        return bool(kiosk["waiting"]["newest"] == kiosk["waiting"]["confirmed"])

    def waiting(self) -> list[int]:
        return [wait["amount_fen"] for wait in self.world.host.get("/waiting")]

    def tap(self, held: Tapped) -> None:
        """Place the card, wait for the outcome, take it away."""
        before = self.unit.outcomes
        self.unit.place(held.card)
        assert self.unit.wait_for(lambda: self.unit.outcomes > before, WAIT_S), self.told()
        self.seen = self.unit.screen()
        self.take_away()

    def take_away(self) -> None:
        self.unit.remove()
        assert self.unit.wait_unseen(WAIT_S)

    def shown(self, text: str) -> bool:
        """Was this on the screen when the last tap ended?"""
        return text.replace(" ", "") in "".join(self.seen).replace(" ", "")

    def told(self) -> str:
        return "\n".join([*self.unit.screen(), *self.unit.kiosk.board.console.tail()])

    def settled(self) -> None:
        assert self.unit.wait_for(lambda: self.unit.pending() == 0, WAIT_S), self.told()

    def online(self) -> None:
        assert self.unit.kiosk.wait_screen("联机", WAIT_S), self.told()

    def holds(self, held: HeldCard, value_fen: int) -> None:
        """The card holds this much, so do the books, and every promise is kept."""
        self.settled()
        known = self.world.host_card(held)
        assert known is not None
        assert (value(held), known["balance_fen"]) == (value_fen, value_fen)
        result = self.world.host.verify()
        assert result["ok"], result
        assert self.unit.kiosk.problems() == []


def value(held: HeldCard) -> int:
    assert isinstance(held.card, DesfireCard)
    return held.card.value_fen(layout.AID, layout.FILE_VALUE) or 0


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("relay"), seed=5) as made:
        yield made


@pytest.fixture(scope="module")
def unit(world: World) -> KioskUnit:
    return world.add_kiosk("K1", PRICE_FEN)


@pytest.fixture
def shop(world: World, unit: KioskUnit) -> Iterator[Shop]:
    unit.power_on()
    made = Shop(world, unit)
    made.online()
    yield made
    unit.remove()
