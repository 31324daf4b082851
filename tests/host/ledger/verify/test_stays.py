"""Promises about stays, broken by hand: each row that breaks one is named."""

import pytest

from host import clock
from host.ledger.verify import promises as p
from protocol.wire import online
from tests.host.ledger.verify.hand import Step, tamper
from tests.host.looks import faults, holds
from tests.host.rig import Shop
from tests.host.terminals.relay.terminal import Terminals
from tests.host.terminals.sales.payments import UID, plain_card
from tests.host.terminals.sales.stay import sell, tap, told
from tests.host.terminals.sales.test_entries import enter


def busy(shop: Shop, terminals: Terminals, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pass 1 of 60 minutes. Stay 1: step 1 out after 90 minutes, 60 booked and 30 owed; step 2 back; step 3
    out after 95, 60 booked and 35 owed. Pass 2 pays those. Stay 2 is void by step 4, stay 3 goes on."""
    now_s = clock.now_s()

    def at(minutes: int) -> None:
        monkeypatch.setattr(clock, "now_s", lambda: now_s + 60 * minutes)

    door = terminals.add()
    plain_card(shop, 100)
    sell(shop, 60)
    at(0)
    tap(shop, door)
    at(90)
    lost = door.kiosk.next_number()
    enter(door, UID, lost)
    told(shop, door.kiosk, lost, kind=online.REVERSAL)
    at(95)
    tap(shop, door)
    sell(shop, 600)
    at(100)
    lost = door.kiosk.next_number()
    enter(door, UID, lost)
    told(shop, door.kiosk, lost, kind=online.REVERSAL)
    at(101)
    tap(shop, door)
    holds(shop)
    assert shop.query("SELECT stay_id, what, booked_min, owed_min FROM stay_steps ORDER BY id") == [
        *((1, "out", 60, 30), (1, "back", 60, 30), (1, "out", 60, 35), (2, "void", 0, 0)),
    ]


CASES: list[tuple[Step, str]] = [
    ("UPDATE stay_steps SET booked_min = 59 WHERE id = 1", "step 1 is of 59 and 30 minutes, 60 and 30 were"),
    ("UPDATE stay_steps SET owed_min = 31 WHERE id = 3", "step 3 is of 60 and 31 minutes, 60 and 35 were"),
    ("UPDATE stay_steps SET booked_min = 1 WHERE id = 2", "step 2 is of 1 and 30 minutes, -60 and -30 were"),
    ("UPDATE stay_steps SET booked_min = 1 WHERE id = 4", "step 4 is of 1 and 0 minutes, 0 and 0 were"),
    ("UPDATE stays SET pass_id = 2 WHERE id = 1", "step 3 is of 60 and 35 minutes, 0 and 0 were"),
    ("UPDATE stay_steps SET used_min = 96 WHERE id = 3", "step 3 books other minutes than the 96"),
    ("UPDATE stays SET at_s = at_s - 61 WHERE id = 1", "step 3 books other minutes than the 95"),
    ("UPDATE stay_steps SET ended_s = ended_s - 61 WHERE id = 1", "step 1 books other minutes than the 90"),
    ("UPDATE accounts SET balance = 1 WHERE kind = 'owed'", "was paid 1 minutes more than it owed"),
    ("UPDATE passes SET stay_min = 94 WHERE id = 1", "step 3 books other minutes than the 95"),
    ("UPDATE stay_steps SET what = 'limit' WHERE id = 2", "step 2 does not follow"),
    ("DELETE FROM stay_steps WHERE id = 1", "step 2 does not follow"),
    ("DELETE FROM stay_steps WHERE id = 3", "is of stay:3, which there is not"),
    ("DELETE FROM stay_steps WHERE id = 4", "stay 2 stands, and no door"),
    ("DELETE FROM stay_taps WHERE stay_id = 3", "stay 3 stands, and no door"),
    ("UPDATE accounts SET kind = 'suspense' WHERE kind = 'owed'", "and nothing that was owed"),
]


@pytest.mark.parametrize("step, row", CASES, ids=[case[1] for case in CASES])
def test_a_row_that_breaks_the_promise_is_named(
    shop: Shop, terminals: Terminals, monkeypatch: pytest.MonkeyPatch, step: Step, row: str
) -> None:
    busy(shop, terminals, monkeypatch)
    tamper(shop, step)
    assert row in faults(shop).get(p.STAYS, "")
