"""What a kiosk hears of sales that it left open and need not remember any more."""

import pytest

from host import clock
from host.terminals.doubt import settling
from host.terminals.talk import closed_sales
from protocol.wire.resend import CLOSED
from tests.host.rig import KioskSide, Shop
from tests.host.terminals.doubt.test_unproven import left_open


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """[now_s], to be moved."""
    at = [clock.now_s()]
    monkeypatch.setattr(clock, "now_s", lambda: at[0])
    return at


def opened(shop: Shop, kiosk: KioskSide, count: int) -> None:
    """So many sales of it whose answer was lost."""
    for _ in range(count):
        card = shop.card()
        shop.tell(kiosk, left_open(kiosk, *kiosk.pay(card, shop.debit_key(card), 100)))


def settle(shop: Shop, counter: int, who: str | None = None) -> None:
    with shop.opened.database.write() as connection:
        settling.settled(connection, 1, 1, counter, 1, proven=who is None, who=who)


def told(shop: Shop, kiosk: KioskSide, remembered: int = 9) -> list[list[int]]:
    """The numbers that it hears of at its next hello."""
    kiosk.inbox.clear()
    shop.tell(kiosk, kiosk.hello(open=remembered))
    return [sales for kind, values in kiosk.inbox if kind == CLOSED for sales in values["sales"]]


def test_what_persons_decided_is_told_at_the_next_hello(shop: Shop, now: list[int]) -> None:
    kiosk, other = shop.connected(), shop.connected("K2")
    opened(shop, kiosk, 3)
    assert told(shop, kiosk) == []
    settle(shop, 2, "operator:fin")
    assert told(shop, kiosk) == told(shop, kiosk) == [[2, 2]]
    assert told(shop, kiosk, remembered=0) == [] and told(shop, other) == []


def test_what_the_card_settled_is_told_a_day_later(shop: Shop, now: list[int]) -> None:
    kiosk = shop.connected()
    opened(shop, kiosk, 2)
    settle(shop, 1)
    now[0] += closed_sales.DAY_S - 1
    assert told(shop, kiosk) == [], "the customer is told by this kiosk that he has paid"
    now[0] += 1
    assert told(shop, kiosk) == [[1, 1]]


def test_an_old_one_is_forgotten_there_and_stays_open_here(shop: Shop, now: list[int]) -> None:
    kiosk = shop.connected()
    opened(shop, kiosk, 1)
    now[0] += closed_sales.AGE_S
    assert told(shop, kiosk) == [[1, 1]]
    assert shop.look(settling.outcome, 1, 1, 1) is None


def test_of_many_the_newest_are_told_and_each_epoch_by_itself(shop: Shop, now: list[int]) -> None:
    kiosk = shop.connected()
    opened(shop, kiosk, 2)
    kiosk.epoch, kiosk.counter = 2, 0
    opened(shop, kiosk, 1)
    with shop.opened.database.write() as connection:
        settling.settled(connection, 1, 2, 1, 0, proven=False, who="operator:fin")
    settle(shop, 1, "operator:fin")
    kiosk.inbox.clear()
    shop.tell(kiosk, kiosk.hello(open=3))
    said = [(values["epoch"], values["sales"]) for kind, values in kiosk.inbox if kind == CLOSED]
    assert said == [(1, [[1, 1]]), (2, [[1, 1]])]
