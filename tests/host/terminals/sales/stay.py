"""What tests of passes of minutes share: one that is sold, and taps at doors that open and say so."""

import itertools
from collections.abc import Callable
from typing import Any

from host.cards import passes, registry, stays
from host.cards.passes import Pass, Terms
from host.ledger.books import book
from protocol.wire import online
from tests.host.rig import NOW_S, KioskSide, Shop
from tests.host.terminals.relay.terminal import Terminal
from tests.host.terminals.sales.payments import UID
from tests.host.terminals.sales.test_entries import enter

Clock = Callable[[int], None]
references = itertools.count(1)


def sell(shop: Shop, minutes: int, until_s: int | None = None, stay_min: int = 720, **more: Any) -> Pass:
    """A pass of minutes for the card, as the desk gives it."""
    with book(shop.opened.database) as books:
        card = registry.newest(books.connection, more.get("uid", UID))
        assert card is not None
        terms = Terms(minutes, passes.MINUTES, until_s, *more.get("hours", (0, 0)), 0, stay_min)
        reference = f"hours {next(references)}"
        number = passes.grant(books, card, terms, "operator:desk", reference, "x")
        assert number is not None
        stays.settle(books, passes.locked(books, card.uid, card.issue), reference, "operator:desk")
    one = shop.look(passes.find, number)
    assert one is not None
    return one


def told(shop: Shop, kiosk: KioskSide, *numbers: tuple[int, int], kind: int = online.TAKEN) -> None:
    """One batch."""
    said = {"uid": UID, "amount_fen": 1, "happened_s": NOW_S}
    shop.tell(kiosk, *(kiosk.message(number, kind, **said) for number in numbers))


def tap(shop: Shop, door: Terminal, number: tuple[int, int] | None = None) -> dict[str, Any]:
    """A card at a door, which opens when it may and says so."""
    number = number or door.kiosk.next_number()
    said = enter(door, UID, number)
    told(shop, door.kiosk, number, kind=online.REVERSAL if said["reason"] else online.TAKEN)
    return said


def came_in(said: dict[str, Any]) -> bool:
    assert said["code"] == online.DONE, said
    return "used_min" not in said
