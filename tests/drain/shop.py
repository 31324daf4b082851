"""A kiosk that sells for days while nobody can be asked, and then tells the host: real firmware and taps, a
real host and broker. What passes is time on the clocks of host and kiosk, which are moved.
"""

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from protocol.card import layout
from simulator.card import DesfireCard
from simulator.unit import KioskUnit
from simulator.wallet import HeldCard
from simulator.world import World

PRICE_FEN = 100
WAIT_S = 45.0  # a line that is half open is found in 20 s
HOUR_S = 3600
STEPS = 12  # in which the clocks are moved
VALUE_FEN = layout.VALUE_FEN_MAX
MOST = {"offline_total_fen": 100_000_000, "offline_card_fen": 100_000_000, "offline_card_count": 100_000}


class Drained(NamedTuple):
    """per_s: records a second, from the first acknowledgement on; sold_s: how long the taps took."""

    records: int
    per_s: float
    sold_s: float


def three_days(folder: Path, sales: int, hours: int = 72, note: Callable[[str], None] = print) -> Drained:
    """Sell so often over so many hours, then drain; AssertionError when anything was lost, or is wrong."""
    with World(folder, seed=72, broker="mosquitto") as world:
        unit = world.add_kiosk("K1", PRICE_FEN)
        world.host.post("/kiosks", name="K1", price_fen=PRICE_FEN, **MOST)
        count = max(2, -(-sales * PRICE_FEN // VALUE_FEN) + 1)
        cards = [world.add_purse(f"C{n}", VALUE_FEN) for n in range(count)]
        assert unit.kiosk.wait_screen("联机", WAIT_S), unit.screen()
        unit.network(False)
        assert unit.kiosk.wait_screen("脱机", WAIT_S), unit.screen()
        began_s = time.monotonic()
        _sell(world, unit, cards, sales, hours, note)
        sold_s = time.monotonic() - began_s
        assert unit.pending() == sales, unit.pending()
        per_s = _drain(unit, sales)
        _holds(world, cards)
        assert unit.kiosk.problems() == []
        return Drained(sales, per_s, sold_s)


def _sell(
    world: World, unit: KioskUnit, cards: list[HeldCard], sales: int, hours: int, note: Callable[[str], None]
) -> None:
    moved = 0
    for sold, held in zip(range(sales), itertools.cycle(cards), strict=False):
        step = sold * STEPS // sales
        if step > moved:
            world.clock((step - moved) * hours * HOUR_S // STEPS)
            moved = step
            note(f"{moved * hours // STEPS} h: {sold} sales")
        _tap(unit, held, sold)


def _tap(unit: KioskUnit, held: HeldCard, sold: int) -> None:
    before = unit.outcomes
    unit.place(held.card)
    assert unit.wait_for(lambda: unit.outcomes > before, WAIT_S), (sold, unit.screen())
    assert unit.shows("支付成功"), (sold, unit.screen())
    unit.remove()
    assert unit.wait_empty(WAIT_S)


def _drain(unit: KioskUnit, sales: int) -> float:
    unit.network(True)
    assert unit.wait_for(lambda: unit.pending() != sales, WAIT_S), unit.kiosk.board.console.tail()
    left, began_s = unit.pending(), time.monotonic()
    assert left, "too few sales to measure how fast they are told"
    assert unit.wait_for(lambda: unit.pending() == 0, sales / 10 + WAIT_S), unit.pending()
    return left / (time.monotonic() - began_s)


def _holds(world: World, cards: list[HeldCard]) -> None:
    result = world.host.verify()
    assert result["ok"], result
    for held in cards:
        assert isinstance(held.card, DesfireCard)
        known = world.host_card(held)
        assert known is not None and known["balance_fen"] == held.card.value_fen(
            layout.AID, layout.FILE_VALUE
        )
    assert world.host.get("/kiosks")[0]["gaps"] == []
