"""What a copy of an account card buys: nothing, whenever it is used and whatever was taken from the card."""

from typing import Any

import pytest

from host.cards.payers import payers
from host.ledger import accounts, held
from host.ledger.books import book
from host.ledger.chart import HOUSE
from host.terminals.sales.payments import Decision, Payments
from protocol.wire import online
from tests.host.looks import holds
from tests.host.rig import Shop
from tests.host.tags import Copy, account_tag, at_reader, identify, message
from tests.host.terminals.sales.payments import request


@pytest.fixture
def engine() -> str:
    return "sqlite"


def pay(shop: Shop, card: Any, number: int, uid: bytes, amount_fen: int = 2500) -> Decision:
    """A kiosk says that this UID lies there and asks for a payment; what lies there answers."""
    kiosk = shop.kiosk()
    database = shop.opened.database
    asked = request(shop, kiosk, (1, number), amount_fen, card=online.ACCOUNT, uid=uid)
    relayed: Any = at_reader(card)
    return Payments(database, payers(database, shop.opened.keeper)).decide(asked, relayed)


def balance_fen(shop: Shop, uid: bytes) -> int | None:
    return shop.look(accounts.card_balance, uid, 1)


def test_a_clone_used_before_the_true_card_buys_nothing(shop: Shop) -> None:
    true = account_tag(shop)
    with book(shop.opened.database) as books:
        held.load(books, true.uid, 1, 10_000, HOUSE, "operator:desk", "1")
    clone = Copy(true, messages=5)
    for number, harvested in enumerate(clone.harvested, 1):
        assert identify(shop, harvested), "its messages are newer than any that was seen"
        assert pay(shop, clone, number, true.uid).reason == "unreadable"
    assert balance_fen(shop, true.uid) == 10_000
    assert pay(shop, true, 9, true.uid) == Decision("", 2500, 7500)
    assert identify(shop, message(true))
    assert pay(shop, clone, 10, true.uid).reason == "unreadable", "nor after it"
    assert balance_fen(shop, true.uid) == 7500
    holds(shop)


def test_a_card_pays_for_no_other(shop: Shop) -> None:
    rich, poor = account_tag(shop), account_tag(shop, 2)
    with book(shop.opened.database) as books:
        held.load(books, rich.uid, 1, 10_000, HOUSE, "operator:desk", "1")
    assert pay(shop, poor, 1, rich.uid).reason == "unreadable"
    assert pay(shop, poor, 2, poor.uid).reason == "low"
    assert (balance_fen(shop, rich.uid), balance_fen(shop, poor.uid)) == (10_000, 0)
