"""The last sale given back by LimitedCredit: bounded by the card, never twice, by no key of a kiosk."""

import pytest

from host.cards import registry
from host.cards.last_sale import last_sale
from host.cards.loads import LoadUnknown
from host.cards.readers import CardGone
from host.cards.recover import recover
from host.cards.refunds import Refunds
from host.cards.registry import RegistryError
from host.ledger import loads
from host.ledger.books import book
from host.ledger.purse import CardMove
from protocol.card import apdu, layout, purse, status, tmac
from protocol.card.apdu import CardError
from simulator.card import DesfireCard
from tests.host.looks import balance, end_life, holds, list_card, registered
from tests.host.rig import NOW_S, DirectConnection, KioskSide, Shop, value_fen

PRICE_FEN = 2500


def refunder(shop: Shop, card: DesfireCard, **faults: object) -> Refunds:
    connection = DirectConnection(card, **faults)  # type: ignore[arg-type]
    return Refunds(shop.opened.database, shop.opened.keeper, connection, "operator:desk")


def sold(shop: Shop, amount_fen: int = PRICE_FEN) -> tuple[DesfireCard, int, KioskSide]:
    """A card that has just paid, the sale's transaction, and where."""
    kiosk, card = shop.connected(), shop.card(10_000)
    shop.tell(kiosk, shop.sale(kiosk, card, amount_fen))
    found = shop.look(last_sale, registered(shop, card))
    assert found is not None and found[1] == amount_fen
    return card, found[0], kiosk


def sales(shop: Shop) -> int:
    ((fen,),) = shop.query("SELECT balance FROM accounts WHERE kind = 'sales'")
    return int(fen)


@pytest.mark.parametrize("amount_fen", [None, 1, PRICE_FEN])
def test_the_last_sale_is_given_back(shop: Shop, amount_fen: int | None) -> None:
    card, sale, kiosk = sold(shop)
    given = refunder(shop, card).refund(registered(shop, card), sale, amount_fen)
    assert given == (amount_fen or PRICE_FEN)
    assert value_fen(card) == balance(shop, card) == 7_500 + given
    assert sales(shop) == PRICE_FEN - given
    assert shop.look(last_sale, registered(shop, card)) is None
    shop.tell(kiosk, shop.sale(kiosk, card, 500))
    assert balance(shop, card) == value_fen(card) == 7_000 + given
    holds(shop)


def test_it_is_given_back_once_and_only_the_last_one(shop: Shop) -> None:
    card, sale, kiosk = sold(shop)
    found = registered(shop, card)
    refunder(shop, card).refund(found, sale)
    with pytest.raises(RegistryError, match="not the last thing"):
        refunder(shop, card).refund(found, sale)
    card.leave_field()
    shop.tell(kiosk, shop.sale(kiosk, card, 300))
    with pytest.raises(RegistryError, match="not the last thing"):
        refunder(shop, card).refund(found, sale, 100)
    assert value_fen(card) == balance(shop, card) == 9_700
    holds(shop)


@pytest.mark.parametrize("amount_fen", [0, -1, PRICE_FEN + 1])
def test_no_more_than_it_took(shop: Shop, amount_fen: int) -> None:
    card, sale, _ = sold(shop)
    with pytest.raises(RegistryError, match="took 2500 fen"):
        refunder(shop, card).refund(registered(shop, card), sale, amount_fen)
    with pytest.raises(RegistryError, match="is no sale of card"):
        refunder(shop, card).refund(registered(shop, card), 10**6)
    other = shop.card(100)
    with pytest.raises(RegistryError, match="is no sale of card"):
        refunder(shop, other).refund(registered(shop, other), sale)
    assert value_fen(card) == balance(shop, card) == 7_500


def test_the_card_itself_gives_back_no_more_than_its_last_debit(shop: Shop) -> None:
    """Whatever a host might ask."""
    card, _, _ = sold(shop)
    key = shop.opened.keeper.card_key("credit", card.uid, 1)
    connection = DirectConnection(card)
    session = apdu.run(purse.authenticate(layout.KEY_CREDIT, key, bytes(16)), connection.send_and_receive)
    with pytest.raises(CardError) as caught:
        apdu.run(purse.change_value(session, tmac.LIMITED_CREDIT, PRICE_FEN + 1), connection.send_and_receive)
    assert caught.value.status == status.BOUNDARY_ERROR


@pytest.mark.parametrize("command", [tmac.CREDIT, tmac.LIMITED_CREDIT])
@pytest.mark.parametrize("role", ["read", "debit"])
def test_no_key_of_a_kiosk_gives_anything_back(shop: Shop, role: str, command: int) -> None:
    card, _, _ = sold(shop)
    key = shop.opened.keeper.card_key(role, card.uid, 1)
    connection = DirectConnection(card)
    session = apdu.run(purse.authenticate(layout.KEYS[role], key, bytes(16)), connection.send_and_receive)
    with pytest.raises(CardError) as caught:
        apdu.run(purse.change_value(session, command, 1), connection.send_and_receive)
    assert caught.value.status == status.AUTHENTICATION_ERROR
    assert value_fen(card) == 7_500


@pytest.mark.parametrize("took_it", [False, True])
def test_pulled_at_any_command_it_is_given_back_once(shop: Shop, took_it: bool) -> None:
    for gone_at in range(1, 12):
        card, sale, _ = sold(shop)
        found = registered(shop, card)
        with pytest.raises((CardGone, CardError, purse.NotOurs, LoadUnknown)):
            refunder(shop, card, gone_at=gone_at, took_it=took_it).refund(found, sale)
        assert refunder(shop, card).refund(found, sale) == PRICE_FEN, gone_at
        assert value_fen(card) == balance(shop, card) == 10_000, gone_at
    assert gone_at == 11, "a whole refund is eleven commands"
    holds(shop)


def lost_answer(shop: Shop) -> tuple[DesfireCard, int]:
    card, sale, _ = sold(shop)
    card.arm_pull("commit-sent")
    with pytest.raises(LoadUnknown, match=f"the refund of {PRICE_FEN} fen stays pending"):
        refunder(shop, card).refund(registered(shop, card), sale)
    assert (value_fen(card), balance(shop, card)) == (10_000, 7_500)
    assert shop.look(registry.to_json, registered(shop, card))["flags"] == ["pending load"]
    return card, sale


def test_a_lost_answer_is_settled_by_recover(shop: Shop) -> None:
    card, _ = lost_answer(shop)
    assert recover(shop.desk(card))["balance_fen"] == 10_000
    holds(shop)


def test_a_top_up_of_the_same_amount_is_not_the_refund_whose_answer_was_lost(shop: Shop) -> None:
    card, _ = lost_answer(shop)
    shop.desk(card).load(registered(shop, card), PRICE_FEN)
    assert value_fen(card) == balance(shop, card) == 12_500
    holds(shop)


def test_a_refund_is_not_the_top_up_of_the_same_amount_whose_answer_was_lost(shop: Shop) -> None:
    card, sale, _ = sold(shop)
    card.arm_pull("commit-sent")
    with pytest.raises(LoadUnknown):
        shop.desk(card).load(registered(shop, card), PRICE_FEN)
    with pytest.raises(RegistryError, match="not the last thing"):
        refunder(shop, card).refund(registered(shop, card), sale)
    assert value_fen(card) == balance(shop, card) == 10_000
    holds(shop)


def test_a_listed_card_and_one_that_is_over_get_nothing_back(shop: Shop) -> None:
    card, sale, _ = sold(shop)
    found = registered(shop, card)
    list_card(shop, card.uid)
    with pytest.raises(RegistryError, match="hotlist"):
        refunder(shop, card).refund(found, sale)
    other, again, _ = sold(shop)
    found = registered(shop, other)
    end_life(shop, other, "lost")
    with pytest.raises(RegistryError, match="not active any more"):
        refunder(shop, other).refund(found, again)


def test_what_the_bonus_paid_goes_back_to_the_bonus_first(shop: Shop) -> None:
    """充 1000 送 200: a sale takes the principal first, so its last part was the bonus."""
    kiosk, card = shop.connected(), shop.card(0)
    found = registered(shop, card)
    connection = DirectConnection(card)
    key = shop.opened.keeper.card_key("credit", card.uid, 1)
    session = apdu.run(purse.authenticate(layout.KEY_CREDIT, key, bytes(16)), connection.send_and_receive)
    apdu.run(purse.change_value(session, tmac.CREDIT, 1200), connection.send_and_receive)
    apdu.run(purse.commit(session), connection.send_and_receive)
    card.leave_field()
    move = CardMove(card.uid, 1, 1, 1200, 1200)
    with book(shop.opened.database) as books:
        loads.post_load(books, loads.plan_load(books, move, "x", NOW_S, bonus_fen=200), move, "x")
    shop.tell(kiosk, shop.sale(kiosk, card, 1100))
    (sale, _took) = shop.look(last_sale, found) or (0, 0)

    def accounts() -> list[tuple[str, int]]:
        return shop.query("SELECT kind, balance FROM accounts WHERE kind IN ('card', 'bonus') ORDER BY kind")

    assert accounts() == [("bonus", 100), ("card", 0)]
    refunder(shop, card).refund(found, sale, 300)
    assert accounts() == [("bonus", 200), ("card", 200)]
    holds(shop)
