"""What a kiosk with a true key may make us do or keep, as often as it likes: bounded, and said once."""

from typing import Any

import pytest

from host import alarms
from host.cards import facts, hotlist, registry, revision
from host.ledger import purse
from host.ledger.books import book
from host.ledger.purse import CardMove
from host.terminals.doubt import suspects
from host.terminals.talk import news
from protocol.wire import messages
from protocol.wire.messages import BAD_TMV, BOOKED, FLAGGED, HELD
from simulator.card import DesfireCard
from tests.host.looks import faults, flags, holds, list_card, registered, verdicts
from tests.host.rig import NOW_S, KioskSide, Shop


def settled(kiosk: KioskSide, number: tuple[int, int], values: dict[str, Any]) -> bytes:
    told = {"ref_epoch": number[0], "ref_counter": number[1], "paid": 1} | values
    return kiosk.message(kiosk.next_number(), messages.SETTLED, **told)


def pay_on(shop: Shop, card: DesfireCard, first: int, value_fen: int, times: int = purse.WALK_MAX) -> None:
    """So many sales of one fen into the books, from this counter on."""
    with book(shop.opened.database) as books:
        found = purse.open_(books, card.uid, 1, known=True)
        for n in range(times):
            move = CardMove(card.uid, 1, first + n, -1, value_fen - n - 1)
            purse.book_sale(books, "sale", found, move, "K1", NOW_S)


def test_a_proven_counter_of_long_ago_is_held_without_a_search(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    number, values = kiosk.pay(card, shop.debit_key(card), 2500)
    shop.tell(kiosk, kiosk.message(number, messages.SALE, **values))
    pay_on(shop, card, 3, 7500, purse.WALK_MAX - 1)
    shop.tell(kiosk, settled(kiosk, number, values))
    pay_on(shop, card, purse.WALK_MAX + 2, 7301, 1)
    heard = shop.tell(kiosk, settled(kiosk, number, values))
    assert verdicts(heard) == [[3, HELD, 7300]]
    assert shop.query("SELECT transaction_id FROM reports ORDER BY counter") == [(3,), (3,), (None,)]
    assert shop.alarms() == []
    holds(shop)


def test_an_answer_of_held_without_a_transaction_must_be_of_a_counter_in_the_books(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    number, values = kiosk.pay(card, shop.debit_key(card), 2500)
    shop.tell(kiosk, kiosk.message(number, messages.SALE, **values))
    pay_on(shop, card, 3, 7500)
    shop.tell(kiosk, settled(kiosk, number, values))
    with shop.opened.database.write() as connection:
        connection.execute("INSERT INTO purse_gaps SELECT account_id, 2, 2 FROM purses")
    assert any("was acknowledged, but" in detail for detail in faults(shop).values())


def test_a_word_about_a_counter_of_long_ago_is_kept_apart(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    number, values = kiosk.pay(card, shop.debit_key(card), 2500)
    shop.tell(kiosk, kiosk.message(number, messages.SALE, **values))
    pay_on(shop, card, 3, 7500)
    del values["tmv"]
    assert verdicts(shop.tell(kiosk, settled(kiosk, number, values))) == [[2, FLAGGED, 7300]]
    assert shop.alarms() == ["settlement-unproven"]
    holds(shop)


@pytest.mark.parametrize(("after", "flagged"), [(purse.WALK_MAX - 1, True), (purse.WALK_MAX, False)])
def test_a_value_is_held_against_one_before_that_is_not_long_ago(
    shop: Shop, after: int, flagged: bool
) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    copy = DesfireCard.load(card.dump())
    shop.tell(kiosk, shop.sale(kiosk, card, 2500))
    shop.sale(kiosk, copy, 100)
    late = shop.sale(kiosk, copy, 100)
    pay_on(shop, card, 4, 7400, after)
    assert verdicts(shop.tell(kiosk, late))[0][1] == (FLAGGED if flagged else BOOKED)
    assert ("value differs" in flags(shop, card)) == flagged


def test_the_hotlist_is_looked_up_once_for_all_kiosks_of_a_transaction(shop: Shop, mocker: Any) -> None:
    sides = [shop.connected(f"K{n}") for n in range(1, 5)]
    list_card(shop, bytes(7))
    asked = mocker.spy(hotlist, "uids")
    with shop.opened.database.write() as connection:
        listed = news.LookedUp()
        for side in sides:
            kiosk = shop.kiosks.find(side.name)
            assert kiosk is not None
            heard = side.hear_all(news.news(connection, shop.opened.keeper, kiosk, listed))
            assert heard[messages.HOTLIST]["uids"] == [bytes(7)]
        assert asked.call_count == 1
        hotlist.add(connection, bytes(6) + b"\x01", "lost", "operator:desk")
        assert len(listed.uids(connection, hotlist.version(connection))) == 2, "a new version is another list"


def test_of_uids_that_are_no_card_of_ours_kiosks_list_only_so_many(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hotlist, "UNKNOWN_KEPT", 3)
    card = shop.card()
    with shop.opened.database.write() as connection:
        unknown = [n.to_bytes(7, "big") for n in range(6)]
        kept = [hotlist.add(connection, uid, "wrong TMV", "kiosk:K1") for uid in unknown]
        assert kept == [True] * 3 + [False] * 3
        assert hotlist.add(connection, card.uid, "wrong TMV", "kiosk:K1"), "a card of ours"
        assert hotlist.add(connection, unknown[5], "lost", "operator:desk"), "an operator's word"
    assert shop.alarms() == ["hotlist-unknown-full"]


def test_that_the_hotlist_is_longer_than_a_message_is_said_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hotlist, "UIDS_MAX", 3)
    for n in range(6):
        list_card(shop, n.to_bytes(7, "big"))
    assert shop.alarms() == ["hotlist-full"]


def wrong(shop: Shop, kiosk: KioskSide, card: DesfireCard) -> bytes:
    number, values = kiosk.pay(card, shop.debit_key(card), 1)
    return kiosk.message(number, messages.SALE, **values | {"tmv": bytes(8)})


def test_a_wrong_tmv_costs_what_is_known_of_that_card_alone(shop: Shop, mocker: Any) -> None:
    kiosk, mine, yours = shop.connected(), shop.card(), shop.card()
    shop.tell(kiosk, shop.sale(kiosk, mine), shop.sale(kiosk, yours))
    asked = mocker.spy(facts.registry, "find")
    shop.tell(kiosk, wrong(shop, kiosk, yours))
    shop.tell(kiosk, shop.sale(kiosk, mine))
    assert all(call.args[1] == yours.uid for call in asked.call_args_list)
    shop.tell(kiosk, shop.sale(kiosk, yours))
    assert "hotlisted" in flags(shop, yours)


def test_what_others_changed_besides_a_wrong_tmv_is_seen(shop: Shop) -> None:
    kiosk, mine, yours = shop.connected(), shop.card(), shop.card()
    shop.tell(kiosk, shop.sale(kiosk, mine), shop.sale(kiosk, yours))
    shop.tell(kiosk, wrong(shop, kiosk, yours))
    found = registered(shop, mine)
    with shop.opened.database.write() as connection:
        registry.become(connection, found, "lost", "operator:desk")
    shop.tell(kiosk, shop.sale(kiosk, mine))
    assert flags(shop, mine) == ["lost"]


def test_a_change_by_others_is_seen_when_a_raise_of_ours_was_taken_back(shop: Shop) -> None:
    known = facts.Facts()
    card = shop.card()
    with shop.opened.database.write() as connection:
        known.begin(revision.of_cards(connection))
        assert known.of(connection, card.uid, 1).odd is None
    known.listed(bytes(7))
    known.clear()  # as after every rollback
    list_card(shop, card.uid)
    with shop.opened.database.write() as connection:
        known.begin(revision.of_cards(connection))
        assert known.of(connection, card.uid, 1).odd == "hotlisted"


def test_of_one_kiosk_only_so_many_suspects_are_kept(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suspects, "ROWS_MAX", 3)
    flood, other = shop.connected("K1"), shop.connected("K2")
    values = {"issue": 1, "amount_fen": 1, "tmc": 5, "value_fen": 9, "happened_s": NOW_S}
    for n in range(6):
        uid = n.to_bytes(7, "big")
        heard = shop.tell(flood, flood.message((1, n + 1), messages.SALE, uid=uid, tmv=bytes(8), **values))
        assert verdicts(heard)[0][1] == BAD_TMV, "still answered"
    flood.counter = 6
    shop.tell(flood, settled(flood, (1, 1), values | {"uid": bytes(7)}))
    shop.tell(other, settled(other, (1, 1), values | {"uid": bytes(7)}))
    assert shop.query("SELECT kiosk, count(*) FROM suspects GROUP BY kiosk ORDER BY kiosk") == [
        (1, 3),
        (2, 1),
    ]
    assert shop.query("SELECT suspects FROM kiosk_sessions ORDER BY kiosk") == [(7,), (1,)]
    assert shop.alarms() == ["bad-tmv"] * 2 + ["suspects-full", "bad-tmv", "settlement-unproven"]
    assert shop.query("SELECT count(*) FROM card_flags") == [(1,)]
    holds(shop)


def test_a_flag_of_a_card_is_kept_only_so_often(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "FLAGS_MAX", 3)
    with shop.opened.database.write() as connection:
        for n in range(5):
            registry.flag(connection, bytes(7), 1, "overdraft", str(n))
            registry.flag(connection, bytes(7), 2, "overdraft", str(n))
        registry.flag(connection, bytes(7), 1, "hotlisted", "")
    assert shop.query("SELECT issue, flag, count(*) FROM card_flags GROUP BY issue, flag ORDER BY 1, 2") == [
        (1, "hotlisted", 1),
        (1, "overdraft", 3),
        (2, "overdraft", 3),
    ]


def test_what_a_kiosk_can_bring_about_is_alarmed_once_an_hour(shop: Shop, mocker: Any) -> None:
    now_s = mocker.patch("host.alarms.clock.now_s", return_value=NOW_S)
    with shop.opened.database.write() as connection:
        for after_s in (0, 0, alarms.QUIET_S - 1, alarms.QUIET_S, alarms.QUIET_S + 1):
            now_s.return_value = NOW_S + after_s
            alarms.raise_once(connection, "number-reused", "K1", str(after_s))
        alarms.raise_once(connection, "number-reused", "K2", "another subject")
        alarms.raise_once(connection, "bad-tmv", "K1", "another code")
    assert shop.query("SELECT sentence FROM alarms ORDER BY id") == [
        ("0",),
        (str(alarms.QUIET_S),),
        ("another subject",),
        ("another code",),
    ]


def test_numbers_used_again_and_again_are_one_alarm(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card()
    shop.tell(kiosk, shop.sale(kiosk, card))
    common = {"uid": card.uid, "issue": 1, "value_fen": 7500, "happened_s": NOW_S, "tmc": 2}
    for amount_fen in (1, 2, 3):
        shop.tell(kiosk, kiosk.message((1, 1), messages.UNSETTLED, amount_fen=amount_fen, **common))
    assert shop.alarms() == ["number-reused"]
    assert shop.query("SELECT count(*) FROM suspects") == [(3,)]
