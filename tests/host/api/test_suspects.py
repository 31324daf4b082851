from flask.testing import FlaskClient

from protocol.wire import cbor, mac, messages
from tests.host.api.answers import error
from tests.host.rig import NOW_S, Shop


def test_what_is_kept_apart_can_be_read(shop: Shop, client: FlaskClient) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    sequence, values = kiosk.pay(card, shop.debit_key(card), 2500)
    shop.tell(kiosk, kiosk.message(sequence, messages.SALE, **values | {"tmv": bytes(8)}))
    stranger = {"uid": bytes(7), "issue": 3, "amount_fen": 7, "tmc": 2, "value_fen": 1, "paid": 1}
    reference = {"ref_epoch": 1, "ref_counter": 1, "happened_s": NOW_S}
    shop.tell(kiosk, kiosk.message(kiosk.next_number(), messages.SETTLED, **stranger, **reference))
    answer = client.get("/api/v1/suspects").json or {}
    newer, older = answer["suspects"]
    assert older.pop("received") > 0 and older == {
        "id": 1,
        "kiosk": "K1",
        "number": "1.1",
        "kind": "sale",
        "reason": "wrong TMV",
        "uid": card.uid.hex().upper(),
        "amount_fen": 2500,
        "settled": None,
    }
    assert (newer["number"], newer["reason"]) == ("1.2", "settlement without proof")
    (flag,) = answer["unknown_cards"]
    assert (flag["uid"], flag["issue"], flag["flag"]) == ("00" * 7, 3, "settlement without proof")
    page = client.get("/api/v1/suspects?before=2&limit=1").json or {}
    assert [row["id"] for row in page["suspects"]] == [1]
    error(client.get("/api/v1/suspects?limit=201"), 400, "field")


def test_what_was_refused_can_be_read(shop: Shop, client: FlaskClient) -> None:
    kiosk = shop.connected()
    up_key = mac.kiosk_keys(kiosk.given["secret"])[0]
    for counter, kind in ((1, 2), (2, 99)):
        head = cbor.encode([1, 0, "K1", 1, counter, kind, {}])
        shop.write([(kiosk.topic, head + mac.hmac_sha256(up_key, head)[: mac.MAC_SIZE])])
    newer, older = (client.get("/api/v1/refusals").json or {})["refusals"]
    assert older.pop("received") > 0 and older == {
        "id": 1,
        "kiosk": "K1",
        "number": "1.1",
        "code": "field",
        "sentence": "sale: uid is missing",
        "content": "8202a0",
    }
    assert (newer["number"], newer["code"]) == ("1.2", "type")
    page = client.get("/api/v1/refusals?before=2&limit=1").json or {}
    assert [row["id"] for row in page["refusals"]] == [1]
    error(client.get("/api/v1/refusals?limit=201"), 400, "field")


def test_json_within_json_without_end_is_no_fault_of_ours(client: FlaskClient) -> None:
    answer = client.post("/api/v1/kiosks", data=b"[" * 60_000, content_type="application/json")
    error(answer, 400, "json")
