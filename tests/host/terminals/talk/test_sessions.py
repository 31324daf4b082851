import threading
from pathlib import Path
from typing import Any

import pytest
from pytest_mock import MockerFixture

from host.cards import hotlist, registry
from host.terminals.fleet import configs, kiosks
from host.terminals.fleet.configs import Config
from host.terminals.reported import sequences
from protocol.wire import messages, topics
from protocol.wire.messages import ACK, CONFIG, HOTLIST, WELCOME
from tests.host.looks import list_card, registered
from tests.host.masters import masters_by_role, masters_of
from tests.host.rig import NOW_S, KioskSide, Shop, blank, open_shop


def list_a_card(shop: Shop) -> bytes:
    uid = blank().uid
    list_card(shop, uid)
    return uid


def confirmed(shop: Shop) -> tuple[int, int]:
    row = shop.look(kiosks.session_row, 1)
    return row["config_confirmed"], row["hotlist_confirmed"]


def test_a_new_kiosk_is_welcomed_with_configuration_keys_and_hotlist(
    shop: Shop, mocker: MockerFixture
) -> None:
    uid = list_a_card(shop)
    mocker.patch("host.clock.now_s", return_value=NOW_S)
    kiosk = shop.kiosk(price_fen=2500)
    heard = shop.tell(kiosk, kiosk.hello())
    assert [kind for kind, _ in kiosk.inbox] == [WELCOME, CONFIG, HOTLIST, ACK]
    assert heard[WELCOME] == {"nonce": kiosk.nonce, "epoch": 1, "now_s": NOW_S, "hotlist": 1, "allowed": 0}
    assert heard[CONFIG]["price_fen"] == 2500 and heard[CONFIG]["version"] == 1
    masters = masters_by_role(shop.opened.keeper)
    assert kiosk.role_keys == {role: masters[role] for role in ("read", "debit")}
    assert heard[HOTLIST]["uids"] == [uid]
    assert (heard[ACK]["epoch"], heard[ACK]["upto"], heard[ACK]["verdicts"]) == (1, 0, [])


def test_role_keys_are_wrapped_for_each_kiosk_by_itself(shop: Shop) -> None:
    kiosks = [shop.kiosk("K1"), shop.kiosk("K2")]
    first, second = (shop.tell(kiosk, kiosk.hello())[CONFIG]["role_keys"] for kiosk in kiosks)
    assert kiosks[0].role_keys == kiosks[1].role_keys
    assert first != second
    assert not any(master in first + second for master in masters_of(shop.opened.keeper))


def test_a_kiosk_that_has_all_gets_only_welcome_and_acknowledgement(shop: Shop) -> None:
    list_a_card(shop)
    kiosk = shop.kiosk()
    heard = shop.tell(kiosk, kiosk.hello(config=1, hotlist=1))
    assert set(heard) == {WELCOME, ACK}
    assert confirmed(shop) == (1, 1)


def test_what_is_applied_counts_in_the_present_session_only(shop: Shop) -> None:
    kiosk = shop.connected()
    old = kiosk.applied(1, 0)
    shop.tell(kiosk, kiosk.hello(nonce=b"nonce--2"))
    shop.tell(kiosk, old)
    assert confirmed(shop) == (0, 0)
    shop.tell(kiosk, kiosk.applied(1, 0))
    assert confirmed(shop) == (1, 0)


def test_the_same_hello_again_is_answered_again(shop: Shop) -> None:
    kiosk = shop.kiosk()
    hello = kiosk.hello()
    first, again = shop.tell(kiosk, hello), shop.tell(kiosk, hello)
    assert first[WELCOME]["epoch"] == again[WELCOME]["epoch"] == 1 and shop.alarms() == []


def test_an_old_hello_played_back_moves_nothing(shop: Shop) -> None:
    kiosk, card = shop.kiosk(), shop.card()
    old = kiosk.hello()
    shop.tell(kiosk, old)
    shop.tell(kiosk, shop.sale(kiosk, card))
    shop.tell(kiosk, kiosk.hello(nonce=b"nonce--2"))
    assert shop.tell(kiosk, old) == {}
    row = shop.look(kiosks.session_row, 1)
    assert (row["nonce"], row["epoch"]) == (b"nonce--2", 1) and shop.alarms() == []


@pytest.mark.parametrize("epoch, counter", [(1, 1), (0, 9)])
def test_a_flash_that_went_back_in_time_starts_a_new_epoch(shop: Shop, epoch: int, counter: int) -> None:
    kiosk, card = shop.connected(), shop.card()
    shop.tell(kiosk, shop.sale(kiosk, card), shop.sale(kiosk, card))
    heard = shop.tell(kiosk, kiosk.hello(nonce=b"nonce--2", epoch=epoch, counter=counter))
    assert heard[WELCOME]["epoch"] == 2
    assert shop.alarms() == ["flash-went-back"]
    acks = [values for kind, values in kiosk.inbox if kind == ACK][-2:]
    assert [(ack["epoch"], ack["upto"]) for ack in acks] == [(2, 0), (epoch, 2 if epoch else 0)]
    kiosk.epoch, kiosk.counter = 2, 0
    assert shop.tell(kiosk, shop.sale(kiosk, card))[ACK]["verdicts"] == [[1, 0, 2500]]


def test_an_epoch_nobody_handed_out_is_overtaken(shop: Shop) -> None:
    kiosk = shop.kiosk()
    assert shop.tell(kiosk, kiosk.hello(epoch=7, counter=3))[WELCOME]["epoch"] == 8
    assert shop.alarms() == ["flash-went-back"]


def test_epochs_end_at_their_highest_number_without_a_fault(shop: Shop) -> None:
    kiosk = shop.kiosk()
    assert shop.tell(kiosk, kiosk.hello(epoch=messages.U16))[WELCOME]["epoch"] == messages.U16


def test_a_kiosk_that_sends_more_before_its_next_hello_keeps_its_epoch(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card()
    shop.tell(kiosk, shop.sale(kiosk, card))
    kiosk.counter = 5  # four more wait in its journal
    assert shop.tell(kiosk, kiosk.hello(nonce=b"nonce--2"))[WELCOME]["epoch"] == 1
    assert shop.alarms() == []


def test_versions_of_a_later_state_of_the_host_are_overtaken(shop: Shop) -> None:
    """The host was restored from a backup; kiosks accept only rising numbers."""
    uid = list_a_card(shop)
    kiosk = shop.kiosk()
    heard = shop.tell(kiosk, kiosk.hello(config=40, hotlist=50))
    assert heard[CONFIG]["version"] == 41
    assert (heard[HOTLIST]["version"], heard[HOTLIST]["uids"]) == (51, [uid])


def test_one_kiosk_cannot_burn_the_numbers_of_all(shop: Shop) -> None:
    list_a_card(shop)
    kiosk = shop.kiosk()
    shop.tell(kiosk, kiosk.hello(config=messages.U32, hotlist=messages.U32))
    assert shop.alarms() == ["version-ahead"]
    assert shop.look(hotlist.version) == 1 and shop.look(configs.newest, 1)[0] == 1


def test_every_raise_by_a_kiosks_word_is_alarmed_and_their_count_is_bounded(shop: Shop) -> None:
    kiosk = shop.connected()
    for n in range(1, 2 * hotlist.RAISES_MAX):
        ahead = {"config": 900_000 * n, "hotlist": 900_000 * n}
        shop.tell(kiosk, kiosk.hello(nonce=b"nonce-%02d" % n, **ahead))
    done = hotlist.RAISES_MAX
    assert shop.alarms() == ["version-raised"] * done + ["version-ahead"], (
        "what is only claimed: once an hour"
    )
    assert shop.look(hotlist.version) == shop.look(configs.newest, 1)[0] == 900_000 * done + 1


def test_no_word_of_a_kiosk_takes_the_last_numbers(shop: Shop) -> None:
    kiosk = shop.connected()
    near = messages.U32 - 1_400_000
    with shop.opened.database.write() as connection:
        connection.execute("INSERT INTO hotlist VALUES (?, NULL, 1, 'x', 'operator:desk', 1)", (near,))
        configs.add(connection, 1, Config(1), "operator:desk", above=near)
    last = messages.U32 - 900_000
    shop.tell(kiosk, kiosk.hello(nonce=b"nonce--2", config=last, hotlist=last))
    assert shop.alarms() == ["version-ahead"]
    assert (shop.look(hotlist.version), shop.look(configs.newest, 1)[0]) == (near, near + 1)


def test_cards_reported_lost_are_never_pushed_out_of_the_hotlist(shop: Shop) -> None:
    lost = list_a_card(shop)
    known = shop.card()
    with shop.opened.database.write() as connection:
        hotlist.add(connection, known.uid, "wrong TMV", "kiosk:K1")
        for n in range(600):
            hotlist.add(connection, n.to_bytes(7, "big"), "wrong TMV", "kiosk:K1")
    listed = shop.look(hotlist.uids)
    assert lost in listed and known.uid in listed
    assert len(listed) == 2 + hotlist.UNKNOWN_MAX and (599).to_bytes(7, "big") in listed


def test_a_card_that_a_kiosk_listed_before_it_was_lost_counts_as_lost(shop: Shop) -> None:
    card = shop.card()
    found = registered(shop, card)
    with shop.opened.database.write() as connection:
        hotlist.add(connection, card.uid, "wrong TMV", "kiosk:K1")
        registry.become(connection, found, "lost", "operator:desk")
        for n in range(513):
            registry.begin(connection, n.to_bytes(7, "big"), 1, "operator:desk")
            hotlist.add(connection, n.to_bytes(7, "big"), "wrong TMV", "kiosk:K1")
    listed = shop.look(hotlist.uids)
    assert card.uid in listed and len(listed) == hotlist.UIDS_MAX


def test_a_new_price_is_pushed_until_it_is_confirmed(shop: Shop) -> None:
    kiosk = shop.connected()
    shop.kiosks.register("K1", Config(3000), "operator:desk")
    for _ in range(2):
        assert kiosk.hear_all(shop.write([], pushed=True))[CONFIG]["price_fen"] == 3000
    shop.tell(kiosk, kiosk.applied(2, 0))
    assert kiosk.hear_all(shop.write([], pushed=True)) == {}


def test_the_same_price_again_is_no_new_version(shop: Shop) -> None:
    shop.kiosk(price_fen=2500)
    shop.kiosk(price_fen=2500)
    assert shop.look(configs.newest, 1)[0] == 1


def test_nothing_is_pushed_before_a_first_hello(shop: Shop) -> None:
    shop.kiosk()
    assert shop.write([], pushed=True) == []


def test_a_card_listed_by_one_kiosk_is_pushed_to_all(shop: Shop) -> None:
    one, two, card = shop.connected("K1"), shop.connected("K2"), shop.card()
    sequence, values = one.pay(card, shop.debit_key(card), 100)
    bad = one.message(sequence, messages.SALE, **values | {"tmv": bytes(8)})
    down = shop.write([(one.topic, bad)])
    assert two.hear_all(down)[HOTLIST]["uids"] == [card.uid]


def test_many_verdicts_travel_in_parts(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(100_000)
    sales = [shop.sale(kiosk, card, 1) for _ in range(130)]
    kiosk.inbox.clear()
    shop.tell(kiosk, *sales)
    acks: list[dict[str, Any]] = [values for kind, values in kiosk.inbox if kind == ACK]
    assert [len(ack["verdicts"]) for ack in acks] == [64, 64, 2]
    assert {ack["upto"] for ack in acks} == {130}


def test_more_ranges_than_an_acknowledgement_holds_are_cut(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(100_000)
    sales = [shop.sale(kiosk, card, 1) for _ in range(140)]
    heard = shop.tell(kiosk, *sales[1::2])
    assert len(heard[ACK]["ranges"]) == 64
    assert len(shop.look(sequences.gaps, 1)) == 70
    heard = shop.tell(kiosk, *sales[0::2])
    assert (heard[ACK]["upto"], heard[ACK]["ranges"]) == (140, [])
    assert shop.look(sequences.gaps, 1) == []


def test_an_acknowledgement_shows_the_numbers_it_answers_however_many_ranges_there_are(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(100_000)
    sales = [shop.sale(kiosk, card, 1) for _ in range(160)]
    shop.tell(kiosk, *sales[1:150:2])
    heard = shop.tell(kiosk, sales[157], sales[151])
    ranges = heard[ACK]["ranges"]
    assert len(ranges) == 64 and ranges == sorted(ranges)
    assert [158, 158] in ranges and [152, 152] in ranges and [2, 2] in ranges


def test_a_kiosk_registered_twice_at_once_is_made_once(shop: Shop) -> None:
    """The second request comes in at the first moment the lock is free."""
    lock, made = threading.Lock(), []

    class Meddling:
        def __enter__(self) -> None:
            lock.acquire()

        def __exit__(self, *_: object) -> None:
            lock.release()
            if not made:
                made.append(True)
                made.append(shop.kiosks.register("K1", Config(100), "operator:desk")[1])

    shop.kiosks._lock = Meddling()  # type: ignore[assignment]
    assert shop.kiosks.register("K1", Config(100), "operator:desk")[1]
    assert made == [True, False]


def test_missing_numbers_of_a_kiosk_are_listed_until_they_come(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card()
    sales = [shop.sale(kiosk, card, 1) for _ in range(4)]
    shop.tell(kiosk, sales[0], sales[3])
    assert shop.look(sequences.gaps, 1) == [{"epoch": 1, "first": 2, "last": 3}]
    shop.tell(kiosk, *sales[1:3])
    assert shop.look(sequences.gaps, 1) == []


def test_kiosks_are_the_same_after_a_restart(shop: Shop) -> None:
    kiosk = shop.kiosk()
    again = kiosks.Kiosks(shop.opened.database, shop.opened.keeper)
    assert again.find("K1") == shop.kiosks.find("K1")
    assert kiosk.given["secret"].hex() not in repr(again.find("K1"))
    assert (
        KioskSide.from_bundle(again.bundle(again.all()[0], "h", 1, "w", "")).given["secret"]
        == kiosk.given["secret"]
    )


def test_a_kiosk_of_another_installation_is_nobody(shop: Shop, tmp_path: Path) -> None:
    other = open_shop(tmp_path / "other")
    shop.kiosk()
    kiosk, _ = other.kiosks.register("K1", Config(100), "operator:desk")
    stranger = KioskSide.from_bundle(other.kiosks.bundle(kiosk, "h", 1, "w", ""))
    assert shop.write([(topics.up("K1"), stranger.hello())]) == []
    assert shop.batches.rejections.to_json()["counts"] == {"mac": 1}
