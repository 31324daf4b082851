"""Cards move to newer keys at a desk; pulled at any APDU they go on, and kiosks serve them all the while."""

from typing import Any

import pytest

from host.cards import circulation, registry, rekey
from host.cards.loads import Loads
from host.cards.readers import CardGone
from host.cards.registry import Card, RegistryError
from host.ledger import waiting
from host.ledger.books import book
from host.ledger.chart import HOUSE
from protocol.card import apdu, ev2, keys, layout, purse
from protocol.card.apdu import CardError
from protocol.card.masters import Masters
from protocol.card.purse import NotOurs
from protocol.wire import config, messages
from protocol.wire.messages import CONFIG
from simulator.card import DesfireCard
from tests.host.looks import holds, registered
from tests.host.masters import masters_by_role
from tests.host.rig import DirectConnection, Shop, value_fen

ROLES = list(layout.KEYS)
PASSPHRASE = b"another"  # of a file that these tests do not open again


def rotate(shop: Shop, *roles: str) -> int:
    return shop.opened.keeper.rotate(list(roles), PASSPHRASE)


def move(shop: Shop, card: DesfireCard, **faults: Any) -> tuple[Card, int]:
    """(the card as the books have it, how many APDUs it took)"""
    connection = DirectConnection(card, **faults)
    try:
        moved = rekey.move_keys(
            shop.opened.database, shop.opened.keeper, connection, registered(shop, card), "operator:desk"
        )
        return moved, connection.sent
    finally:
        card.leave_field()


def opens(shop: Shop, card: DesfireCard, role: str, generation: int) -> bool:
    key = shop.opened.keeper.card_key(role, card.uid, generation)
    connection = DirectConnection(card)
    try:
        procedure = purse.authenticate(layout.KEYS[role], key, bytes(16))
        apdu.run(procedure, connection.send_and_receive)
        return True
    except NotOurs:
        return False
    finally:
        card.leave_field()


def kiosk_opens(shop: Shop, card: DesfireCard) -> bool:
    """With what a kiosk would get now."""
    with shop.opened.database.read() as connection:
        there = circulation.generations(connection, shop.opened.keeper.generation)
    masters = masters_by_role(shop.opened.keeper)["debit"]
    held = Masters({version: masters[version] for _, version, _ in _kiosk_keys(shop, there)})
    connection_to = DirectConnection(card)
    try:
        procedure = held.open_card(
            card.uid, layout.KEY_DEBIT, lambda key: purse.open_purse(card.uid, key, bytes(16))
        )
        return apdu.run(procedure, connection_to.send_and_receive).value_fen == value_fen(card)
    except NotOurs:
        return False
    finally:
        card.leave_field()


def _kiosk_keys(shop: Shop, generations: list[int]) -> list[tuple[str, int, bytes]]:
    return [key for key in shop.opened.keeper.kiosk_keys(generations, bytes(16)) if key[0] == "debit"]


@pytest.mark.parametrize("roles", [ROLES, ["debit", "read"], ["master"], ["credit"]])
def test_a_card_gets_the_newest_keys_and_keeps_its_money(shop: Shop, roles: list[str]) -> None:
    card = shop.card(10_000)
    assert rotate(shop, *roles) == 2
    moved, _ = move(shop, card)
    assert moved == registered(shop, card) and (moved.key_version, moved.life_key_version) == (2, 1)
    for role in ROLES:
        assert opens(shop, card, role, 2)
        assert opens(shop, card, role, 1) == (role not in roles)
    assert value_fen(card) == 10_000
    assert shop.query("SELECT version, confirmed, who FROM card_key_moves ORDER BY id") == [
        (2, 0, "operator:desk"),
        (2, 1, "operator:desk"),
    ]
    assert move(shop, card)[1] == 0, "nothing more to do"
    holds(shop)


def test_a_card_whose_keys_did_not_change_is_left_alone(shop: Shop) -> None:
    card = shop.card()
    rotate(shop, "tmac", "data")
    assert move(shop, card) == (registered(shop, card), 0)
    assert registered(shop, card).key_version == 1


def test_the_transaction_mac_stays_that_of_the_card_s_life(shop: Shop) -> None:
    card, kiosk = shop.card(10_000), shop.connected()
    rotate(shop, "tmac", "debit")
    move(shop, card)
    debit_key = shop.opened.keeper.card_key("debit", card.uid, 2)
    heard = shop.tell(kiosk, kiosk.sale(card, debit_key, 2500))
    assert heard[messages.ACK]["verdicts"][0][1:] == [messages.BOOKED, 7_500]
    assert shop.desk(card).load(registered(shop, card), 1_000) is None
    assert value_fen(card) == 8_500
    holds(shop)


@pytest.mark.parametrize("took_it", [False, True])
@pytest.mark.parametrize("again", [False, True])
def test_pulled_at_any_apdu_it_is_finished_by_the_next_tap(shop: Shop, took_it: bool, again: bool) -> None:
    """again: another rotation came in between, so that a key may be any of three."""
    probe = shop.card()
    rotate(shop, *ROLES)
    total = move(shop, probe)[1]
    assert total > 10
    for gone_at in range(1, total + 1):
        old = shop.opened.keeper.generation
        card = shop.card(10_000)
        rotate(shop, *ROLES)
        with pytest.raises((CardGone, CardError, NotOurs)):
            move(shop, card, gone_at=gone_at, took_it=took_it)
        assert registered(shop, card).key_version == old
        assert kiosk_opens(shop, card), gone_at
        if again:
            rotate(shop, *ROLES)
            assert kiosk_opens(shop, card), gone_at
        moved, _ = move(shop, card)
        newest = shop.opened.keeper.generation
        assert moved.key_version == newest
        assert [opens(shop, card, role, newest) for role in ROLES] == [True] * 4, gone_at
        assert kiosk_opens(shop, card) and value_fen(card) == 10_000
    holds(shop)


def test_pulled_again_and_again_it_gets_there(shop: Shop) -> None:
    card = shop.card()
    for _ in range(3):
        rotate(shop, *ROLES)
        for gone_at in (7, 6, 5, 2):
            with pytest.raises((CardGone, CardError, NotOurs)):
                move(shop, card, gone_at=gone_at, took_it=True)
    moved, _ = move(shop, card)
    assert moved.key_version == 4 and all(opens(shop, card, role, 4) for role in ROLES)


def test_a_card_that_is_topped_up_is_moved_by_the_way(shop: Shop) -> None:
    card = shop.card(1_000)
    rotate(shop, "credit", "debit")
    shop.desk(card).load(registered(shop, card), 500)
    assert registered(shop, card).key_version == 2 and value_fen(card) == 1_500
    fresh = shop.card(700)
    assert registered(shop, fresh).key_version == 2 and opens(shop, fresh, "credit", 2)
    holds(shop)


def test_a_card_with_a_key_that_nobody_knows_changes_nothing(shop: Shop) -> None:
    card = shop.card()
    other = DirectConnection(card)
    session = apdu.run(
        purse.authenticate(0, shop.opened.keeper.card_key("master", card.uid, 1), bytes(16)),
        other.send_and_receive,
    )
    old = shop.opened.keeper.card_key("read", card.uid, 1)
    change = ev2.change_key_data(keys.card_key(bytes(16), card.uid), 77, old)
    apdu.run(
        session.exchange(0xC4, b"\x01", change, layout.COMM_FULL, layout.COMM_MAC), other.send_and_receive
    )
    card.leave_field()
    rotate(shop, "debit")
    with pytest.raises(CardError, match="version 4d, which none of ours has"):
        move(shop, card)
    assert registered(shop, card).key_version == 1 and opens(shop, card, "debit", 1)


def test_a_card_that_is_lost_keeps_its_keys(shop: Shop) -> None:
    card = shop.card()
    rotate(shop, "debit")
    found = registered(shop, card)
    with shop.opened.database.write() as connection:
        registry.become(connection, found, "lost", "operator:desk")
    with pytest.raises(RegistryError, match="not active"):
        move(shop, card)
    assert shop.query("SELECT count(*) FROM card_key_moves") == [(0,)]


def test_kiosks_hold_what_active_cards_have_and_forget_the_rest(shop: Shop) -> None:
    old, kiosk = shop.card(), shop.kiosk()
    for wanted in ([2, 1], [3, 1]):
        rotate(shop, "debit")
        shop.tell(kiosk, kiosk.hello(nonce=b"nonce--%d" % wanted[0]))
        assert kiosk.role_keys is not None and list(kiosk.role_keys["debit"]) == wanted
        assert list(kiosk.role_keys["read"]) == [1]
    move(shop, old)
    assert CONFIG in shop.tell(kiosk, kiosk.hello(nonce=b"nonce--9"))
    assert kiosk.role_keys is not None and list(kiosk.role_keys["debit"]) == [3]


def test_no_kiosk_holds_more_than_so_many_versions(shop: Shop) -> None:
    kiosk = shop.kiosk()
    for _ in range(config.VERSIONS_MAX):
        shop.card()
        rotate(shop, "debit")
    look = shop.opened.database
    with look.read() as connection:
        assert circulation.generations(connection, 5) == [5, 4, 3, 2, 1]
        assert [circulation.cards(connection, one) for one in (1, 4, 5)] == [1, 1, 0]
        assert circulation.left_behind(connection, shop.opened.keeper, ["debit"]) == 1
        assert circulation.left_behind(connection, shop.opened.keeper, ["read", "credit"]) == 0
    shop.tell(kiosk, kiosk.hello())
    assert kiosk.role_keys is not None and list(kiosk.role_keys["debit"]) == [5, 4, 3, 2]


@pytest.mark.parametrize("moves", [False, True])
def test_a_kiosk_finishes_a_move_that_was_begun_and_begins_none(shop: Shop, moves: bool) -> None:
    card, idle = shop.card(1_000), shop.card(1_000)
    rotate(shop, *ROLES)
    with pytest.raises((CardGone, CardError, NotOurs)):
        move(shop, card, gone_at=9, took_it=True)
    for one in (card, idle):
        with book(shop.opened.database) as books:
            waiting.take(books, one.uid, 1, 500, HOUSE, "operator:desk", one.uid.hex())
        there = DirectConnection(one)
        loads = Loads(shop.opened.database, shop.opened.keeper, there, "kiosk:K1")
        assert loads.collect(registered(shop, one), moves) == 500
        one.leave_field()
    assert registered(shop, card).key_version == 2
    assert registered(shop, idle).key_version == (2 if moves else 1)
    holds(shop)
