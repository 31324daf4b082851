"""A stolen balance station: what its flash gives away debits no card. Real broker, host and MicroPython."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from protocol.card import apdu, keys, layout, purse
from simulator.card import DesfireCard
from simulator.unit import KioskUnit
from simulator.world import World
from tests.host.rig import DirectConnection, value_fen
from tests.thief.loot import Loot
from tests.waiting import until

WAIT_S = 30.0


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, seed=5) as made:
        yield made


def in_force(world: World) -> bool:
    (row,) = world.host.get("/kiosks")
    return bool(row["connected"] and row["config"]["newest"] == row["config"]["confirmed"])


def is_said(unit: KioskUnit, text: str) -> bool:
    return text in "".join(unit.screen()).replace(" ", "")


def test_a_station_holds_no_key_that_debits_and_does_its_work_without(world: World) -> None:
    card = world.add_purse("A", 5000).card
    assert isinstance(card, DesfireCard)
    unit = world.add_kiosk("K1", 100, mode="balance")
    until(lambda: in_force(world), WAIT_S)

    def tap(*wanted: str) -> None:
        unit.place(card)
        for one in wanted:
            assert unit.wait_for(partial(is_said, unit, one), WAIT_S), (one, unit.screen())
        unit.remove()
        assert unit.wait_unseen(WAIT_S)

    tap("50.00", "+50.00")  # what it holds, then, for who waits, that it was topped up
    unit.network(False)
    assert unit.wait_for(lambda: unit.shows("脱机"), WAIT_S), unit.screen()
    tap("此卡需联机")
    unit.network(True)
    assert unit.wait_for(lambda: unit.shows("联机"), WAIT_S), unit.screen()
    unit.kiosk.power_cut()
    loot = Loot(unit._bundle_file, unit.kiosk.board._wiring.flash["vfs"])
    assert loot.masters["debit"] == {} and loot.masters["read"], "only the log can be read"
    stolen = keys.card_key(loot.masters["read"][1], card.uid)
    transceive = DirectConnection(card).send_and_receive
    with pytest.raises(purse.NotOurs):
        apdu.run(purse.open_purse(card.uid, stolen, bytes(16)), transceive)
    session = apdu.run(purse.authenticate(layout.KEY_READ, stolen, bytes(16)), transceive)
    for attempt in (purse.get_value(session), purse.change_value(session, 0xDC, 100)):
        with pytest.raises(apdu.CardError):
            apdu.run(attempt, transceive)
        session = apdu.run(purse.authenticate(layout.KEY_READ, stolen, bytes(16)), transceive)
    assert value_fen(card) == 5000
