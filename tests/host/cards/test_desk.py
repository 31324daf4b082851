from typing import Any

import pytest
from pytest_mock import MockerFixture

from host.cards import hotlist, registry
from host.cards.loads import LoadUnknown
from host.cards.readers import CardGone
from host.cards.registry import RegistryError
from host.cards.terms import NotPersonalisable
from host.ledger import loads
from protocol.card import layout
from protocol.card.apdu import CardError
from protocol.card.purse import NotOurs
from simulator.card import DesfireCard, foreign_card
from tests.host.looks import holds, registered
from tests.host.rig import DirectConnection, Shop, blank, open_shop, value_fen

FAULTS = (CardGone, CardError, NotOurs, LoadUnknown)


def test_a_blank_card_becomes_a_loaded_purse(shop: Shop) -> None:
    card = blank()
    made = shop.desk(card).issue(10_000)
    assert made == {
        "uid": card.uid.hex().upper(),
        "number": "000000000001",
        "issue": 1,
        "kind": "purse",
        "weak": False,
        "state": "active",
        "balance_fen": 10_000,
        "flags": [],
    }
    assert value_fen(card) == 10_000
    assert shop.query("SELECT state, who FROM card_states ORDER BY id") == [
        ("pending", "operator:desk"),
        ("active", "operator:desk"),
    ]
    holds(shop)


def test_a_card_may_be_issued_without_money(shop: Shop) -> None:
    assert shop.desk(blank()).issue(0)["balance_fen"] == 0
    assert shop.query("SELECT count(*) FROM transactions") == [(0,)]
    holds(shop)


def test_the_books_know_before_the_card_is_touched(shop: Shop) -> None:
    card = blank()
    with pytest.raises(CardGone):
        shop.desk(card, gone_at=1).issue(10_000)
    assert registered(shop, card).state == "pending"


def apdus_of_an_issue(shop: Shop) -> int:
    connection = DirectConnection(blank())
    desk = shop.desk(blank())
    desk.connection = connection
    desk.issue(10_000)
    return connection.sent


@pytest.mark.parametrize("took_it", [False, True])
def test_a_card_pulled_at_any_apdu_is_finished_by_asking_again(shop: Shop, took_it: bool) -> None:
    total = apdus_of_an_issue(shop)
    assert total > 25
    for gone_at in range(1, total + 1):
        card = blank(gone_at)
        with pytest.raises(FAULTS):
            shop.desk(card, gone_at=gone_at, took_it=took_it).issue(10_000)
        made = shop.desk(card).issue(10_000)
        assert (made["state"], made["balance_fen"], made["flags"]) == ("active", 10_000, []), gone_at
        assert value_fen(card) == 10_000, gone_at
    holds(shop)


def test_a_top_up_whose_answer_was_lost_stays_pending_and_is_not_loaded_twice(shop: Shop) -> None:
    card = blank()
    card.arm_pull("commit-sent")
    with pytest.raises(LoadUnknown, match="stays pending"):
        shop.desk(card).issue(10_000)
    assert value_fen(card) == 10_000
    found = registered(shop, card)
    assert shop.look(registry.to_json, found)["flags"] == ["pending load"]
    assert shop.look(registry.to_json, found)["balance_fen"] == 0
    assert shop.desk(card).issue(10_000)["balance_fen"] == 10_000
    assert value_fen(card) == 10_000
    holds(shop)


def test_another_amount_after_a_lost_answer_settles_the_first_and_adds(shop: Shop) -> None:
    card = blank()
    card.arm_pull("commit-sent")
    with pytest.raises(LoadUnknown):
        shop.desk(card).issue(10_000)
    assert shop.desk(card).issue(500)["balance_fen"] == 10_500
    assert value_fen(card) == 10_500
    holds(shop)


def test_a_top_up_that_the_card_never_committed_is_voided(shop: Shop, mocker: MockerFixture) -> None:
    """The host dies between planning the top-up and sending it."""
    card = blank()
    mocker.patch("host.cards.loads.Loads._credit", side_effect=KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        shop.desk(card).issue(10_000)
    mocker.stopall()
    assert shop.desk(card).issue(10_000)["balance_fen"] == 10_000
    assert shop.query("SELECT state, count(*) FROM transactions GROUP BY state ORDER BY state") == [
        ("pending", 2),
        ("posted", 1),
        ("voided", 1),
    ]
    holds(shop)


def test_a_card_that_proves_a_top_up_wrongly_gets_no_money_in_the_books(
    shop: Shop, mocker: MockerFixture
) -> None:
    card = blank()
    mocker.patch("host.cards.pending.proves", return_value=False)
    with pytest.raises(LoadUnknown):
        shop.desk(card).issue(10_000)
    assert shop.alarms() == ["load-tmv"]
    assert shop.query("SELECT count(*) FROM transfers") == [(0,)]


def test_an_issued_card_is_not_issued_again(shop: Shop) -> None:
    card = shop.card(10_000)
    with pytest.raises(RegistryError, match="issued already, as number 000000000001"):
        shop.desk(card).issue(10_000)
    assert value_fen(card) == 10_000


def test_a_card_of_another_installation_is_left_alone(shop: Shop, tmp_path: Any) -> None:
    other = open_shop(tmp_path / "other")
    card = other.card(5000)
    with pytest.raises(NotPersonalisable, match="another installation"):
        shop.desk(card).issue(10_000)
    assert value_fen(card) == 5000
    assert shop.query("SELECT count(*) FROM transfers") == [(0,)]


def test_another_issuer_s_card_is_not_taken_over(shop: Shop) -> None:
    """Our key would lock him out of his own card."""
    card = foreign_card("other-issuer", blank().uid)
    before = card.dump()
    assert isinstance(card, DesfireCard)
    with pytest.raises(NotPersonalisable, match="applications of others"):
        shop.desk(card).issue(100)
    assert card.dump() == before


def test_a_card_ahead_of_the_books_is_not_loaded(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    unsent = shop.sale(kiosk, card)
    found = registered(shop, card)
    with pytest.raises(RegistryError, match="until all kiosks have reported"):
        shop.desk(card).load(found, 500)
    shop.tell(kiosk, unsent)
    shop.desk(card).load(found, 500)
    assert value_fen(card) == 8000
    holds(shop)


def test_a_card_holds_no_more_than_its_file_allows(shop: Shop) -> None:
    card = shop.card(layout.VALUE_FEN_MAX)
    found = registered(shop, card)
    with pytest.raises(RegistryError, match="may hold at most"):
        shop.desk(card).load(found, 1)
    assert shop.look(loads.pending_loads, card.uid, 1) == []


def test_life_goes_only_forward(shop: Shop) -> None:
    card = shop.card(0)
    found = registered(shop, card)
    with shop.opened.database.write() as connection:
        registry.become(connection, found, "lost", "operator:desk")
        for state in ("active", "pending", "lost"):
            with pytest.raises(RegistryError, match="is lost; it cannot become"):
                registry.become(connection, found, state, "operator:desk")
    with pytest.raises(RegistryError, match="is lost"):
        shop.desk(card).issue(0)


def test_a_new_life_of_a_card_has_the_next_issue_number(shop: Shop) -> None:
    card = shop.card(0)
    found = registered(shop, card)
    with shop.opened.database.write() as connection:
        registry.become(connection, found, "void", "operator:desk")
        again = registry.begin(connection, card.uid, 1, "operator:desk")
    assert (again.issue, again.number) == (2, "000000000002")


def test_the_hotlist_only_rises_and_names_a_card_once(shop: Shop) -> None:
    with shop.opened.database.write() as connection:
        assert hotlist.add(connection, b"\x04\x01\x02\x03", "lost", "x")
        assert not hotlist.add(connection, b"\x04\x01\x02\x03", "lost", "x")
        assert hotlist.raise_above(connection, 7, "kiosk:K1")
        assert hotlist.version(connection) == 8
        assert not hotlist.raise_above(connection, 2**32 - 1, "kiosk:K1"), "one kiosk can't burn the numbers"
        assert hotlist.add(connection, b"\x04\x01\x02\x04", "lost", "x")
        assert hotlist.version(connection) == 9
        assert hotlist.uids(connection) == [b"\x04\x01\x02\x03", b"\x04\x01\x02\x04"]


def test_a_hotlist_too_long_for_one_message_keeps_the_newest_and_alarms(shop: Shop) -> None:
    with shop.opened.database.write() as connection:
        for number in range(hotlist.UIDS_MAX + 1):
            hotlist.add(connection, number.to_bytes(4, "big"), "lost", "operator:desk")
        listed = hotlist.uids(connection)
    assert len(listed) == hotlist.UIDS_MAX and (0).to_bytes(4, "big") not in listed
    assert shop.alarms() == ["hotlist-full"]
