"""A card emulated with a stolen kiosk's debit key, at another kiosk: real broker, host and MicroPython."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from protocol.card import layout
from simulator.card import DesfireCard
from simulator.world import World
from tests.thief.loot import Loot
from tests.waiting import until

PRICE_FEN = 100
COUNT = 2  # sales of one card without the host
WAIT_S = 60.0


class Street:
    """A shop whose kiosk K1 was stolen, and K2, where the thief goes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.true_card = world.add_purse("A", 5000)
        other = world.add_purse("B", 5000).card
        assert isinstance(other, DesfireCard)
        self.other = other
        stolen = world.add_kiosk("K1", PRICE_FEN)
        self.unit = world.add_kiosk("K2", PRICE_FEN)
        world.host.post("/kiosks", name="K2", price_fen=PRICE_FEN, offline_card_count=COUNT)
        until(lambda: not (self.behind("K1") or self.behind("K2")), WAIT_S)
        stolen.kiosk.power_cut()
        self.loot = Loot(stolen._bundle_file, stolen.kiosk.board._wiring.flash["vfs"])

    def behind(self, name: str) -> bool:
        """Is there something that a kiosk was not told, or did not confirm?"""
        row = next(row for row in self.world.host.get("/kiosks") if row["name"] == name)
        parts = [row[part] for part in ("config", "hotlist", "allowed")]
        return not row["connected"] or any(one["newest"] != one["confirmed"] for one in parts)

    def tap(self, card: DesfireCard) -> str:
        """Place the card, wait for the outcome, take it away -> the words on the screen, without spaces."""
        before = self.unit.outcomes
        self.unit.place(card)
        assert self.unit.wait_for(lambda: self.unit.outcomes > before, WAIT_S), self.unit.screen()
        seen = "".join(self.unit.screen()).replace(" ", "")
        self.unit.remove()
        assert self.unit.wait_unseen(WAIT_S)
        return seen

    def go_offline(self) -> None:
        """Wait until the kiosk has noticed; a sale that stays unheard is what it notices by."""
        self.unit.network(False)
        assert "支付成功" in self.tap(self.other)
        assert self.unit.wait_for(lambda: self.unit.shows("脱机"), WAIT_S), self.unit.screen()

    def come_back(self) -> None:
        self.unit.network(True)
        assert self.unit.wait_for(lambda: self.unit.shows("联机"), WAIT_S), self.unit.screen()
        assert self.unit.wait_for(lambda: self.unit.pending() == 0, WAIT_S)

    def apart(self, uid: bytes) -> list[dict[str, Any]]:
        """What the books keep apart of this card."""
        rows = self.world.host.get("/suspects")["suspects"]
        return [row for row in rows if row["uid"] == uid.hex().upper()]

    def alarms(self, uid: bytes) -> set[str]:
        rows = self.world.host.get("/alarms")
        rows = rows["alarms"] if isinstance(rows, dict) else rows
        return {row["code"] for row in rows if row["subject"] == uid.hex().upper()}

    def no_money_came(self) -> None:
        """The books are whole, the true card has in them what it had, and nothing was earned."""
        result = self.world.host.verify()
        assert result["ok"], result
        known = self.world.host_card(self.true_card)
        assert known is not None and known["balance_fen"] == 5000
        assert self.unit.kiosk.problems() == []


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    with World(tmp_path, seed=11) as world:
        yield Street(world)


def value_fen(card: DesfireCard) -> int | None:
    return card.value_fen(layout.AID, layout.FILE_VALUE)


def test_offline_only_a_true_cards_own_data_opens_the_list_and_limits_bound_it(street: Street) -> None:
    true_card = street.true_card.card
    assert isinstance(true_card, DesfireCard)
    data = street.loot.skim(true_card)
    assert street.loot.is_listed(true_card.uid, data)
    unknown = street.loot.emulate(bytes.fromhex("04deadbeef0180"), 50_000)
    guessed = street.loot.emulate(true_card.uid, 50_000)
    assert not street.loot.is_listed(guessed.uid, street.loot.skim(guessed))
    street.go_offline()
    for card in (unknown, guessed):
        assert "此卡暂需联机消费" in street.tap(card)
        assert value_fen(card) == 50_000
    copied = street.loot.emulate(true_card.uid, 50_000, data)
    for _ in range(COUNT):
        assert "支付成功" in street.tap(copied)
    assert "此卡脱机额度已满" in street.tap(copied)
    street.unit.power_cut()
    street.unit.power_on()
    assert street.unit.wait_for(lambda: street.unit.shows("脱机"), WAIT_S), street.unit.screen()
    assert street.unit.wait_unseen(WAIT_S)
    assert "此卡脱机额度已满" in street.tap(copied)
    assert value_fen(copied) == 50_000 - COUNT * PRICE_FEN

    street.come_back()
    assert len(street.apart(copied.uid)) == COUNT
    assert street.apart(unknown.uid) == []
    assert "bad-tmv" in street.alarms(copied.uid), street.world.host.get("/alarms")
    street.no_money_came()
    until(lambda: not street.behind("K2"), WAIT_S)
    assert "此卡已停用" in street.tap(copied)
    street.go_offline()
    assert "此卡已停用" in street.tap(copied)


def test_online_the_hosts_verdict_stops_it_and_the_card_is_listed(street: Street) -> None:
    forged = street.loot.emulate(bytes.fromhex("04deadbeef0280"), 50_000)
    assert "未受理" in street.tap(forged)
    until(lambda: len(street.apart(forged.uid)) == 1, WAIT_S)
    assert "bad-tmv" in street.alarms(forged.uid), street.world.host.get("/alarms")
    until(lambda: not street.behind("K2"), WAIT_S)
    assert "此卡已停用" in street.tap(forged)
    street.no_money_came()


def test_cutting_the_network_in_time_gains_no_goods(street: Street) -> None:
    """The kiosk still thinks that it is online: it debits, and waits for a word in vain."""
    forged = street.loot.emulate(bytes.fromhex("04deadbeef0380"), 50_000)
    street.unit.network(False)
    assert "结果未知" in street.tap(forged)
    assert "结果未知" in street.tap(forged)
    assert value_fen(forged) == 50_000 - PRICE_FEN, "asked for once"
    assert "支付成功" in street.tap(street.other), "a true card pays all the same"
    street.come_back()
    assert "此卡已停用" in street.tap(forged) or "未受理" in street.tap(forged)
    until(lambda: len(street.apart(forged.uid)) == 1, WAIT_S)
    street.no_money_came()
