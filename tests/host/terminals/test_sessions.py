from pathlib import Path
from typing import Any

import pytest
from pytest_mock import MockerFixture

from host.cards import hotlist
from host.terminals import kiosks, sequences
from host.terminals.kiosks import Config
from protocol.wire import messages, topics
from protocol.wire.messages import ACK, CONFIG, HOTLIST, WELCOME
from tests.host.rig import NOW_S, KioskSide, Shop, blank, open_shop


def list_card(shop: Shop) -> bytes:
    uid = blank().uid
    with shop.opened.database.write() as connection:
        hotlist.add(connection, uid, "reported lost", "operator:desk")
    return uid


def confirmed(shop: Shop) -> tuple[int, int]:
    row = shop.look(kiosks.session_row, 1)
    return row["config_confirmed"], row["hotlist_confirmed"]


def test_a_new_kiosk_is_welcomed_with_configuration_keys_and_hotlist(
    shop: Shop, mocker: MockerFixture
) -> None:
    uid = list_card(shop)
    mocker.patch("host.clock.now_s", return_value=NOW_S)
    kiosk = shop.kiosk(price_fen=2500)
    heard = shop.tell(kiosk, kiosk.hello())
    assert [kind for kind, _ in kiosk.inbox] == [WELCOME, CONFIG, HOTLIST, ACK]
    assert heard[WELCOME] == {"nonce": kiosk.nonce, "epoch": 1, "now_s": NOW_S}
    assert heard[CONFIG]["price_fen"] == 2500 and heard[CONFIG]["version"] == 1
    assert kiosk.role_keys == shop.opened.keeper.kiosk_role_masters()
    assert heard[HOTLIST]["uids"] == [uid]
    assert (heard[ACK]["epoch"], heard[ACK]["upto"], heard[ACK]["verdicts"]) == (1, 0, [])


def test_sealed_keys_never_repeat(shop: Shop) -> None:
    kiosk = shop.kiosk()
    sealed = {shop.tell(kiosk, kiosk.hello(nonce=b"nonce--%d" % n))[CONFIG]["sealed_keys"] for n in range(3)}
    assert len(sealed) == 3


def test_a_kiosk_that_has_all_gets_only_welcome_and_acknowledgement(shop: Shop) -> None:
    list_card(shop)
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
    uid = list_card(shop)
    kiosk = shop.kiosk()
    heard = shop.tell(kiosk, kiosk.hello(config=40, hotlist=50))
    assert heard[CONFIG]["version"] == 41
    assert (heard[HOTLIST]["version"], heard[HOTLIST]["uids"]) == (51, [uid])


def test_one_kiosk_cannot_burn_the_numbers_of_all(shop: Shop) -> None:
    list_card(shop)
    kiosk = shop.kiosk()
    shop.tell(kiosk, kiosk.hello(config=messages.U32, hotlist=messages.U32))
    assert shop.alarms() == ["version-ahead"]
    assert shop.look(hotlist.version) == 1 and shop.look(kiosks.newest_config, 1)[0] == 1


def test_a_new_price_is_pushed_until_it_is_confirmed(shop: Shop) -> None:
    kiosk = shop.connected()
    shop.kiosks.register("K1", Config(3000), "operator:desk")
    for _ in range(2):
        assert kiosk.hear_all(shop.batches.write([], True))[CONFIG]["price_fen"] == 3000
    shop.tell(kiosk, kiosk.applied(2, 0))
    assert kiosk.hear_all(shop.batches.write([], True)) == {}


def test_the_same_price_again_is_no_new_version(shop: Shop) -> None:
    shop.kiosk(price_fen=2500)
    shop.kiosk(price_fen=2500)
    assert shop.look(kiosks.newest_config, 1)[0] == 1


def test_nothing_is_pushed_before_a_first_hello(shop: Shop) -> None:
    shop.kiosk()
    assert shop.batches.write([], True) == []


def test_a_card_listed_by_one_kiosk_is_pushed_to_all(shop: Shop) -> None:
    one, two, card = shop.connected("K1"), shop.connected("K2"), shop.card()
    sequence, values = one.pay(card, shop.debit_key(card), 100)
    bad = one.message(sequence, messages.SALE, **values | {"tmv": bytes(8)})
    down = shop.batches.write([(one.topic, bad)], False)
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
    assert shop.batches.write([(topics.up("K1"), stranger.hello())], False) == []
    assert shop.batches.rejections.to_json()["counts"] == {"mac": 1}
