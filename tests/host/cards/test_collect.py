"""What waits for a card is put there once, whichever APDU the card leaves at."""

import pytest

from host.cards import waiting as desk
from host.cards.loads import Loads, LoadUnknown
from host.cards.readers import CardGone
from host.cards.registry import RegistryError
from host.errors import Refused
from host.ledger import waiting, wanted
from host.ledger.books import book
from host.ledger.chart import HOUSE
from protocol.card.layout import VALUE_FEN_MAX
from protocol.card.purse import NotOurs
from simulator.card import DesfireCard
from tests.host.looks import balance, holds, list_card, registered
from tests.host.rig import DirectConnection, Shop, value_fen

WHO = "operator:desk"


def take(shop: Shop, card: DesfireCard, amount_fen: int, bonus_fen: int = 0) -> None:
    count = shop.query("SELECT count(*) FROM transactions")[0][0]
    with book(shop.opened.database) as books:
        desk.take(books, card.uid, amount_fen, HOUSE, WHO, f"try {count}", bonus_fen)


def give_back(shop: Shop, card: DesfireCard) -> int:
    with book(shop.opened.database) as books:
        return desk.give_back(books, card.uid, HOUSE, WHO, "back").total_fen


def collect(shop: Shop, card: DesfireCard, gone_at: int | None = None, took_it: bool = False) -> int:
    connection = DirectConnection(card, gone_at, took_it)
    try:
        database, keeper = shop.opened.database, shop.opened.keeper
        return Loads(database, keeper, connection, "kiosk:K1").collect(registered(shop, card))
    finally:
        if card.in_field:
            card.leave_field()


def waits(shop: Shop, card: DesfireCard) -> int:
    return shop.look(waiting.of, card.uid, 1).total_fen


def marked(shop: Shop, card: DesfireCard) -> bool:
    assert shop.look(wanted.is_wanted, card.uid, 1) == (card.uid[-4:] in shop.look(wanted.marks))
    return card.uid[-4:] in shop.look(wanted.marks)


def test_principal_and_bonus_are_collected_together(shop: Shop) -> None:
    card = shop.card(1000)
    take(shop, card, 500, 100)
    take(shop, card, 50)
    assert (waits(shop, card), balance(shop, card), marked(shop, card)) == (650, 1000, True)
    assert collect(shop, card) == 650
    assert (value_fen(card), balance(shop, card), waits(shop, card)) == (1650, 1650, 0)
    assert not marked(shop, card)
    assert collect(shop, card) == 0
    holds(shop)


def test_every_apdu_may_be_the_last(shop: Shop) -> None:
    """Lost before the card took it or after: the next contact settles it, once."""
    outcomes = set()
    for took_it in (False, True):
        for gone_at in range(1, 40):
            card = shop.card(1000)
            take(shop, card, 500)
            try:
                assert collect(shop, card, gone_at, took_it) == 500
                break
            except LoadUnknown:
                outcomes.add("unknown")
                with pytest.raises(Refused, match="read the card first"):
                    give_back(shop, card)
            except (CardGone, NotOurs):
                outcomes.add("gone")
            assert marked(shop, card)
            card.arm_pull(None)
            assert collect(shop, card) == 500
            assert (value_fen(card), waits(shop, card)) == (1500, 0)
        else:
            raise AssertionError("it never ended")
    assert outcomes == {"unknown", "gone"}
    holds(shop)


def test_what_was_never_sent_is_given_back_once_and_not_collected_then(shop: Shop) -> None:
    card = shop.card(1000)
    take(shop, card, 500)
    assert give_back(shop, card) == 500
    assert collect(shop, card) == 0
    with pytest.raises(Refused, match="nothing waits"), book(shop.opened.database) as books:
        desk.give_back(books, card.uid, HOUSE, WHO, "again")
    assert (value_fen(card), marked(shop, card)) == (1000, False)
    holds(shop)


def test_what_does_not_fit_on_the_card_waits_on(shop: Shop) -> None:
    card = shop.card(VALUE_FEN_MAX - 1000)
    take(shop, card, 700)
    with pytest.raises(Refused, match="may hold at most"):
        take(shop, card, 500)
    with book(shop.opened.database) as books:  # a programme may give more than fits
        waiting.take(books, card.uid, 1, 500, HOUSE, WHO, "more")
    assert collect(shop, card) == 1000
    assert (value_fen(card), waits(shop, card), marked(shop, card)) == (VALUE_FEN_MAX, 200, True)
    with pytest.raises(RegistryError, match="may hold at most"):
        collect(shop, card)
    holds(shop)


def test_a_listed_card_gets_nothing_and_an_unknown_one_cannot_be_waited_for(shop: Shop) -> None:
    card = shop.card(1000)
    take(shop, card, 500)
    list_card(shop, card.uid)
    with pytest.raises(RegistryError, match="hotlist"):
        collect(shop, card)
    with pytest.raises(RegistryError, match="hotlist"):
        take(shop, card, 500)
    assert (value_fen(card), waits(shop, card)) == (1000, 500)
    with book(shop.opened.database) as books, pytest.raises(Refused, match="no card"):
        desk.take(books, bytes(7), 1, HOUSE, WHO, "x")
    holds(shop)


def test_what_waits_is_told_with_who_took_it_and_since_when(shop: Shop) -> None:
    card = shop.card(0)
    take(shop, card, 500, 100)
    take(shop, card, 50)
    (told,) = shop.look(desk.all_, 10**10)
    assert (told["uid"], told["amount_fen"], told["who"]) == (card.uid.hex().upper(), 650, WHO)
    assert told["since"] + told["age_s"] == 10**10
    collect(shop, card)
    assert shop.look(desk.all_, 10**10) == []
