"""A whole shop: a kiosk gets a new firmware between its customers, and keeps the old one when the new is
broken.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from host.db import engine
from protocol.wire import updates
from simulator.wallet import HeldCard
from simulator.world import World
from tests.updates.images import END, variant
from tests.waiting import until

PRICE_FEN = 100
WAIT_S = 60.0


class Shop:
    """A world with one kiosk, and what the operator of updates does."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.unit = world.add_kiosk("K1", PRICE_FEN)
        self.card, self.other = world.add_purse("A", 10_000), world.add_purse("B", 10_000)

    def command(self, *words: str) -> str:
        argv = [sys.executable, "-m", "host", words[0], *words[1:], "--data", str(self.world.host.data)]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=WAIT_S, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def begin(self, image: Path, version: str, cut: int = 0) -> None:
        """Into the books, to K1, which is told at once, as whenever something is pushed. cut: at which flash
        operation after that the power goes.
        """
        self.command("update", "add", str(image))
        self.command("update", "start", version, "--first", "K1")
        if cut:
            self.unit.kiosk.board.arm_power_cut(cut)
        self.world.add_kiosk("K1", PRICE_FEN)
        if cut:
            assert self.unit.wait_for(lambda: not self.unit.powered, WAIT_S), self.unit.screen()
            self.unit.power_on()

    def words(self) -> dict[int, str]:
        """{state: reason} that K1 said of the newest roll-out."""
        books = engine.connect(self.world.host.data / "tapledger.db", read_only=True)
        try:
            return dict(
                books.execute(
                    "SELECT state, reason FROM rollout_words WHERE rollout = (SELECT max(id) FROM rollouts)"
                )
            )
        finally:
            books.close()

    def said(self, state: int) -> None:
        until(lambda: state in self.words(), WAIT_S)

    def tap(self, held: HeldCard) -> None:
        """A sale, paid."""
        assert self.unit.wait_unseen(WAIT_S), self.unit.screen()  # else the card of before is not gone
        before = self.unit.outcomes
        self.unit.place(held.card)
        assert self.unit.wait_for(lambda: self.unit.outcomes > before, WAIT_S), self.unit.screen()
        assert self.unit.shows("支付成功"), self.unit.screen()
        self.unit.remove()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with World(tmp_path / "world", seed=1) as world:
        yield Shop(world)


def test_an_update_with_sales_before_during_and_after_it_and_a_broken_one_that_goes_back(
    shop: Shop, tmp_path: Path
) -> None:
    unit = shop.unit
    assert unit.kiosk.wait_screen("联机", WAIT_S)
    shop.tap(shop.card)

    shop.begin(variant(tmp_path / "good", "7.0.0"), "7.0.0", cut=60)
    shop.said(updates.FETCHING)
    shop.tap(shop.other)
    shop.said(updates.CONFIRMED)
    assert set(shop.words()) >= {updates.FETCHING, updates.SWITCHING, updates.CONFIRMED}
    assert "7.0.0 is being rolled out" in shop.command("update", "status")
    shop.tap(shop.card)

    shop.command("update", "stop", "--reason", "enough")
    broken = variant(tmp_path / "broken", "7.0.1", main=(END, "raise RuntimeError('of no use')"))
    shop.begin(broken, "7.0.1")
    shop.said(updates.BACK)
    assert shop.words()[updates.BACK] == "dead"
    status = shop.command("update", "status")
    assert "was stopped" in status and "K1 (dead) failed" in status, status
    assert "RuntimeError: of no use" in "\n".join(unit.kiosk.board.console.tail())
    shop.tap(shop.card)
    until(lambda: unit.pending() == 0, WAIT_S)

    for held, sales in ((shop.card, 3), (shop.other, 1)):
        known = shop.world.host_card(held)
        assert known is not None and known["balance_fen"] == 10_000 - sales * PRICE_FEN
    shop.command("verify")
    assert [line for line in unit.kiosk.problems() if "bit" not in line] == []
