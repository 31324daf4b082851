"""The value of a lost card waits for every kiosk that could still take it, or has something to tell of it."""

import pytest
from pytest_mock import MockerFixture

from host import clock
from host.cards import hotlist
from host.terminals.fleet import revoked
from host.terminals.fleet.exposure import JOURNAL, LIST, NOT_LISTED, OPEN_SALE, REVOKED, released, stale
from host.terminals.talk.upkeep import Upkeep
from protocol.wire.messages import ALLOWED, CONFIG, HOTLIST
from simulator.card import DesfireCard
from tests.host.looks import end_life, list_card, registered
from tests.host.rig import KioskSide, Shop
from tests.host.terminals.doubt.test_unproven import left_open, settled


def waits(shop: Shop, card: DesfireCard) -> dict[str, str]:
    return {one.kiosk: one.why for one in shop.look(released, registered(shop, card))}


def lose(shop: Shop, card: DesfireCard) -> None:
    end_life(shop, card, "lost")
    list_card(shop, card.uid)


def apply(shop: Shop, kiosk: KioskSide) -> None:
    """The kiosk is told the newest list, and confirms it with the last number it gave out."""
    heard = kiosk.hear_all(shop.write([], pushed=True))
    config = heard.get(CONFIG, {}).get("version", 1)
    allowed = heard.get(ALLOWED, {}).get("version", 0)
    shop.tell(kiosk, kiosk.applied(config, heard[HOTLIST]["version"], allowed=allowed))


def test_every_kiosk_must_have_the_list_and_have_told_what_it_did_before(shop: Shop) -> None:
    one, two, card = shop.connected("K1"), shop.connected("K2"), shop.card(10_000)
    shop.kiosk("K3")  # never there: it has no keys
    assert waits(shop, card) == {"K1": NOT_LISTED, "K2": NOT_LISTED}
    unsent = shop.sale(one, card)
    lose(shop, card)
    assert waits(shop, card) == {"K1": LIST, "K2": LIST}
    down = shop.write([], pushed=True)
    for kiosk in (one, two):
        heard = kiosk.hear_all(down)
        shop.tell(kiosk, kiosk.applied(1, heard[HOTLIST]["version"]))
    assert waits(shop, card) == {"K1": JOURNAL}, "its sale has not come"
    later = shop.sale(one, shop.card(500), 100)
    shop.tell(one, later)
    assert waits(shop, card) == {"K1": JOURNAL}, "the number before it has not"
    shop.tell(one, unsent)
    assert waits(shop, card) == {}


def test_what_a_kiosk_does_after_it_confirmed_is_not_waited_for(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    lose(shop, card)
    apply(shop, kiosk)
    assert waits(shop, card) == {}
    shop.sale(kiosk, shop.card(500), 100)  # of another card, not told
    shop.tell(kiosk, kiosk.applied(1, 1))  # said again: the first time counts
    assert waits(shop, card) == {}


def test_a_hello_confirms_too(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    lose(shop, card)
    kiosk.next_number()
    shop.tell(kiosk, kiosk.hello(b"nonce--2", hotlist=1, config=1))
    assert waits(shop, card) == {"K1": JOURNAL}
    shop.tell(kiosk, kiosk.hello(b"nonce--3", hotlist=1, config=1))
    assert waits(shop, card) == {"K1": JOURNAL}


def test_a_confirmation_from_before_its_number_was_kept_releases_nothing(shop: Shop) -> None:
    """Until the kiosk says it again."""
    kiosk, card = shop.connected(), shop.card(10_000)
    lose(shop, card)
    apply(shop, kiosk)
    with shop.opened.database.write() as connection:
        connection.execute("UPDATE kiosk_sessions SET hotlist_at_s = NULL, hotlist_counter = NULL")
    assert waits(shop, card) == {"K1": JOURNAL}
    shop.tell(kiosk, kiosk.hello(b"nonce--2", hotlist=1, config=1))
    assert waits(shop, card) == {}


def test_a_revoked_kiosk_may_still_tell_of_the_card_until_it_is_registered_anew(shop: Shop) -> None:
    """It is told nothing and so never confirms; but what it took before, or takes in a thief's hands, a
    card's Transaction MAC proves."""
    kiosk, card = shop.connected(), shop.card(10_000)
    shop.kiosk("K3")  # never there
    sale = shop.sale(kiosk, card)
    for name in ("K1", "K3"):
        with shop.opened.database.write() as connection:
            revoked.revoke(connection, name, "stolen", "operator:boss")
    lose(shop, card)
    assert waits(shop, card) == {"K1": REVOKED}
    assert shop.look(stale) == [], "nobody waits for its word"
    shop.write([(kiosk.topic, sale)])
    assert waits(shop, card) == {"K1": REVOKED}, "there may be more"
    shop.kiosk("K1")
    assert waits(shop, card) == {}, "nothing that the old one says is believed any more"


def test_a_revoked_kiosk_that_had_confirmed_the_list_is_not_waited_for(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    lose(shop, card)
    apply(shop, kiosk)
    with shop.opened.database.write() as connection:
        revoked.revoke(connection, "K1", "stolen", "operator:boss")
    assert waits(shop, card) == {}


@pytest.mark.parametrize("paid", [0, 1])
def test_a_sale_of_the_card_that_was_left_open_is_waited_for(shop: Shop, paid: int) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    number, values = kiosk.pay(card, shop.debit_key(card), 2500)
    shop.tell(kiosk, left_open(kiosk, number, values))
    lose(shop, card)
    apply(shop, kiosk)
    assert waits(shop, card) == {"K1": OPEN_SALE}
    told = dict(values) if paid else {key: values[key] for key in values if key != "tmv"}
    shop.tell(kiosk, settled(kiosk, number, paid=paid, **told))
    assert waits(shop, card) == {}


def test_a_card_that_does_not_fit_on_the_list_is_never_released(shop: Shop, mocker: MockerFixture) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    lose(shop, card)
    apply(shop, kiosk)
    mocker.patch.object(hotlist, "UIDS_MAX", 0)
    assert waits(shop, card) == {"K1": NOT_LISTED}


def test_a_list_that_is_old_for_days_is_named(shop: Shop, mocker: MockerFixture) -> None:
    one, two, card = shop.connected("K1"), shop.connected("K2"), shop.card(10_000)
    assert shop.look(stale) == [], "there is no list yet"
    began_s = clock.now_s()
    lose(shop, card)
    two.hear_all(shop.write([], pushed=True))
    later_s = began_s + 96 * 3600 + 60
    mocker.patch.object(clock, "now_s", return_value=later_s)
    apply(shop, one)
    found = shop.look(stale)
    assert [name for name, _ in found] == ["K2"]
    assert began_s - 60 < (found[0][1] or 0) <= began_s
    mocker.patch.object(clock, "now_s", return_value=(found[0][1] or 0) + 96 * 3600)
    assert shop.look(stale) == []
    with shop.opened.database.write() as connection:
        revoked.revoke(connection, "K2", "stolen", "operator:desk")
    mocker.patch.object(clock, "now_s", return_value=later_s)
    assert shop.look(stale) == []


def test_an_alarm_says_once_that_a_kiosk_is_stale(shop: Shop, mocker: MockerFixture) -> None:
    kiosk = shop.connected("K1")
    upkeep = Upkeep(shop.opened.database, lambda: None)

    def look() -> set[str]:
        with shop.opened.database.write() as connection:
            return upkeep.look(connection)

    assert look() == set()
    now_s = clock.now_s()
    mocker.patch.object(clock, "now_s", return_value=now_s + 97 * 3600)
    assert look() == {"K1"} and shop.alarms() == ["kiosk-stale"]
    shop.tell(kiosk, kiosk.hello())
    assert look() == set() and shop.alarms() == ["kiosk-stale"]
