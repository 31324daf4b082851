"""A revoked kiosk: told nothing, of its word only what a card proves counts, and a new secret afterwards."""

import pytest

from host.errors import Refused
from host.terminals.fleet import revoked
from host.terminals.fleet.kiosks import Kiosks
from host.terminals.intake.batch import Batches
from protocol.wire import messages
from tests.host.looks import balance, holds, list_card
from tests.host.rig import KioskSide, Shop


def revoke(shop: Shop, name: str = "K1", reason: str = "stolen") -> bool:
    with shop.opened.database.write() as connection:
        return revoked.revoke(connection, name, reason, "operator:boss")


def refused(shop: Shop) -> dict[str, int]:
    counts = shop.batches.rejections.to_json()["counts"]
    assert isinstance(counts, dict)
    return counts


def test_it_is_told_nothing_any_more(shop: Shop) -> None:
    kiosk, other = shop.connected("K1"), shop.connected("K2")
    assert revoke(shop) and not revoke(shop)
    list_card(shop, bytes(7))
    down = shop.write([(kiosk.topic, kiosk.hello(nonce=b"nonce--2"))], pushed=True)
    assert {topic for topic, _ in down} == {f"tapledger/v1/{other.name}/down"}
    assert refused(shop) == {"revoked": 1}
    assert "K1 is revoked" in str(shop.batches.rejections.to_json()["sample"])
    assert shop.query("SELECT kiosk, issue, reason, who FROM kiosk_revocations") == [
        (1, 1, "stolen", "operator:boss")
    ]


def test_a_sale_that_the_card_proves_is_booked_and_flagged(shop: Shop) -> None:
    """It was on its way when the kiosk was revoked, or the thief makes it: the card has paid."""
    card, kiosk = shop.card(10_000), shop.connected()
    sale = shop.sale(kiosk, card)
    revoke(shop)
    assert shop.write([(kiosk.topic, sale)]) == [], "and nobody is told"
    assert balance(shop, card) == 7_500
    assert shop.query("SELECT flag FROM card_flags") == [(revoked.FLAG,)]
    assert shop.write([(kiosk.topic, sale)]) == []
    assert balance(shop, card) == 7_500 and refused(shop) == {}
    holds(shop)


def test_a_sale_that_no_card_proves_is_kept_apart_and_lists_no_card(shop: Shop) -> None:
    card, kiosk = shop.card(10_000), shop.connected()
    number, values = kiosk.pay(card, shop.debit_key(card), 2500)
    revoke(shop)
    shop.write([(kiosk.topic, kiosk.message(number, messages.SALE, **values | {"tmv": bytes(8)}))])
    assert balance(shop, card) == 10_000
    assert shop.query("SELECT reason FROM suspects") == [(revoked.FLAG,)]
    assert shop.query("SELECT count(*) FROM hotlist") == [(0,)]
    assert shop.alarms() == []


def test_what_proves_nothing_is_only_counted(shop: Shop) -> None:
    card, kiosk = shop.card(10_000), shop.connected()
    values = {"uid": card.uid, "issue": 1, "amount_fen": 2500, "tmc": 1, "value_fen": 10_000, "happened_s": 9}
    told = [
        (kiosk.next_number(), messages.UNSETTLED, values),
        (kiosk.next_number(), messages.SETTLED, values | {"ref_epoch": 1, "ref_counter": 1, "paid": 0}),
        (kiosk.next_number(), messages.SETTLED, values | {"ref_epoch": 1, "ref_counter": 1, "paid": 1}),
    ]
    revoke(shop)
    shop.write([(kiosk.topic, kiosk.journal(*told)), (kiosk.topic, kiosk.applied(1, 0))])
    assert refused(shop) == {"revoked": 4}
    for table in ("unsettled", "settlements", "suspects", "reports", "alarms"):
        assert shop.query(f"SELECT count(*) FROM {table}") == [(0,)], table
    assert shop.query("SELECT config_confirmed FROM kiosk_sessions") == [(0,)]


def test_registered_anew_it_has_another_secret_and_the_old_one_proves_nothing(shop: Shop) -> None:
    card, old = shop.card(10_000), shop.connected()
    revoke(shop)
    late = shop.sale(old, card)
    new = shop.kiosk("K1")
    assert new.given["secret"] != old.given["secret"] and new.given["number"] == old.given["number"]
    assert shop.write([(old.topic, late), (old.topic, old.hello())]) == []
    assert refused(shop) == {"mac": 2}
    new.nonce = b"nonce--7"
    heard = shop.tell(new, new.hello())
    assert heard[messages.CONFIG]["version"] == 1 and new.role_keys is not None
    assert balance(shop, card) == 10_000
    revoke(shop)
    assert shop.kiosk("K1").given["secret"] not in (old.given["secret"], new.given["secret"])
    assert shop.query("SELECT kiosk, issue FROM kiosk_revocations ORDER BY issue") == [(1, 1), (1, 2)]


def test_another_worker_hears_of_it(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    kiosk = shop.connected()
    monkeypatch.setattr("host.terminals.fleet.kiosks.LOOK_AGAIN_S", 0.0)
    others = Kiosks(shop.opened.database, shop.opened.keeper)
    worker = Batches(shop.opened.database, shop.opened.keeper, others)
    revoke(shop)
    assert worker.write(worker.open(kiosk.topic, kiosk.hello(nonce=b"nonce--3")), False) == []
    anew = shop.kiosk("K1")
    opened = worker.open(anew.topic, anew.hello(nonce=b"nonce--4"))
    assert len(opened) == 1
    assert KioskSide.hear_all(anew, worker.write(opened, False))


def test_a_worker_that_knows_the_former_secret_believes_nothing_under_it(shop: Shop) -> None:
    """It has heard nothing of the new kiosk yet; the old one is in a thief's hands."""
    card, old = shop.card(10_000), shop.connected()
    others = Kiosks(shop.opened.database, shop.opened.keeper)
    worker = Batches(shop.opened.database, shop.opened.keeper, others)
    revoke(shop)
    late = shop.sale(old, card)
    new = shop.kiosk("K1")
    said = [(old.topic, old.hello(nonce=b"nonce--3")), (old.topic, late), (old.topic, old.applied(1, 0))]
    opened = [report for topic, payload in said for report in worker.open(topic, payload)]
    assert len(opened) == 3 and worker.write(opened, False) == []
    assert worker.rejections.to_json()["counts"] == {"revoked": 3} and balance(shop, card) == 10_000
    assert shop.query("SELECT nonce FROM kiosk_sessions") == [(None,)]
    new.nonce = b"nonce--4"
    shop.tell(new, new.hello())
    list_card(shop, bytes(7))
    for _, payload in worker.write([], True):
        assert new.hear(payload), "what there is to tell is sealed for the new one"


@pytest.mark.parametrize("name", ["K9", "", "x" * 100])
def test_no_kiosk_of_that_name_is_one_sentence(shop: Shop, name: str) -> None:
    with pytest.raises(Refused, match="There is no kiosk"):
        revoke(shop, name)
