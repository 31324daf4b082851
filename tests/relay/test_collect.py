"""A top-up that waits for its card is put there at the card's next online tap, once, whatever goes wrong."""

from tests.relay.conftest import PRICE_FEN, Shop


def test_what_waits_is_collected_and_the_sale_goes_on_in_the_same_tap(shop: Shop) -> None:
    card = shop.card("A", 50)  # too little for one sale
    shop.plan(card, 1000)
    assert shop.waiting() == [1000]
    shop.tap(card)
    assert shop.shown("支付成功") and shop.shown("已充值 10.00"), shop.seen
    shop.holds(card, 1050 - PRICE_FEN)
    assert shop.waiting() == []
    shop.tap(card)
    assert shop.shown("支付成功") and not shop.shown("已充值"), shop.seen
    shop.holds(card, 1050 - 2 * PRICE_FEN)
