"""A till asks a kiosk for an amount over HTTP: once for a key, cancelled, waited for, refused with a word."""

import threading
from typing import Any

import pytest
from flask.testing import FlaskClient

from host.service import Service
from host.terminals.fleet import configs
from host.terminals.fleet.configs import Config
from protocol.wire import messages
from protocol.wire import till as wire
from tests.host.rig import KioskSide, Shop

CHARGES = "/api/v1/kiosks/K1/charges"


def configure(shop: Shop, **changed: Any) -> None:
    with shop.opened.database.write() as connection:
        configs.add(connection, 1, Config(2500, **changed), "operator:desk")


@pytest.fixture
def kiosk(shop: Shop, service: Service, monkeypatch: pytest.MonkeyPatch) -> KioskSide:
    """One that says it is there, as the broker would tell."""
    side = shop.connected("K1")
    configure(shop, mode="till", max_fen=10_000)
    service.kiosks.look_again("K1")
    monkeypatch.setattr(service.line, "is_present", lambda name: name == "K1")
    return side


def ask(client: FlaskClient, key: str = "order-1", **body: Any) -> Any:
    return client.post(CHARGES, json={"amount_fen": 1200} | body, headers={"Idempotency-Key": key})


def test_a_charge_is_made_once_for_its_key_and_cancelled(client: FlaskClient, kiosk: KioskSide) -> None:
    made = ask(client, reference="table 7")
    assert made.status_code == 201
    charge = made.get_json()
    assert (charge["state"], charge["amount_fen"], charge["reference"]) == ("waiting", 1200, "table 7")
    assert charge["deadline"] - charge["made_at"] == 120
    assert ask(client, reference="table 7").get_json() == charge
    assert ask(client, "order-2").get_json()["code"] == "charge-open"
    cancelled = client.post(f"{CHARGES}/{charge['id']}/cancel").get_json()
    assert cancelled["cancel_asked_by"] == "desk" and cancelled["state"] == "waiting"
    assert [one["id"] for one in client.get(CHARGES).get_json()["charges"]] == [charge["id"]]


def test_who_waits_hears_when_it_is_paid(client: FlaskClient, kiosk: KioskSide, shop: Shop) -> None:
    charge, card = ask(client).get_json(), shop.card(10_000)
    number, values = kiosk.pay(card, shop.debit_key(card), 1200)
    paid = kiosk.message(number, messages.SALE, **values, order=charge["id"])
    answers: list[Any] = []

    def wait() -> None:
        with client.application.test_client() as waiting:
            headers = {"Authorization": client.environ_base["HTTP_AUTHORIZATION"]}
            answers.append(waiting.get(f"{CHARGES}/{charge['id']}?wait_s=20", headers=headers).get_json())

    waiter = threading.Thread(target=wait)
    waiter.start()
    shop.tell(kiosk, paid)
    waiter.join(10)
    assert not waiter.is_alive()
    assert (answers[0]["state"], answers[0]["sale"]) == ("paid", "K1 1.1")
    again = client.get(f"{CHARGES}/{charge['id']}?wait_s=20&state=waiting").get_json()
    assert again["state"] == "paid", "another state than the one it knows is told at once"
    late = client.post(f"{CHARGES}/{charge['id']}/cancel").get_json()
    assert (late["state"], late["cancel_asked_by"]) == ("paid", None), "a cancel comes too late"


def test_what_cannot_be_asked_is_refused_and_leaves_nothing(
    client: FlaskClient, kiosk: KioskSide, shop: Shop
) -> None:
    for body, code in (
        ({"amount_fen": 0}, "field"),
        ({"amount_fen": 500_001}, "field"),
        ({"amount_fen": "12"}, "field"),
        ({"lasts_s": 9}, "field"),
        ({"lasts_s": 901}, "field"),
        ({"reference": "x" * 65}, "field"),
        ({"tip": 1}, "field"),
    ):
        answer = ask(client, **body)
        assert (answer.status_code, answer.get_json()["code"]) == (400, code)
    assert ask(client, amount_fen=10_001).get_json()["code"] == "limit"
    configure(shop)
    assert ask(client).get_json()["code"] == "mode"
    assert client.post(CHARGES, json={"amount_fen": 1}).get_json()["code"] == "key"
    assert ask(client, "k" * 65).get_json()["code"] == "key"
    other = client.post("/api/v1/kiosks/K9/charges", json={"amount_fen": 1}, headers={"Idempotency-Key": "k"})
    assert other.get_json()["code"] == "unknown-kiosk"
    unknown = client.get("/api/v1/kiosks/K9/charges")
    assert (unknown.status_code, unknown.get_json()["code"]) == (404, "unknown-kiosk")
    assert unknown.get_json()["error"] == "There is no kiosk K9."
    assert client.get(CHARGES).get_json() == {"charges": []}, "it was never asked for anything"
    assert client.get(f"{CHARGES}/77").get_json()["code"] == "unknown-charge"
    assert client.post(f"{CHARGES}/77/cancel").status_code == 404
    assert client.get(f"{CHARGES}/1?wait_s=31").status_code == 400
    client.environ_base["HTTP_AUTHORIZATION"] = "Bearer nobody"
    assert ask(client).status_code == 401
    assert shop.query("SELECT count(*) FROM till_orders") == [(0,)]


def test_a_kiosk_that_is_not_there_is_asked_nothing_but_an_old_key_is_answered(
    client: FlaskClient, kiosk: KioskSide, service: Service, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    charge = ask(client).get_json()
    monkeypatch.setattr(service.line, "is_present", lambda name: False)
    refused = ask(client, "order-2")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "kiosk-offline")
    assert ask(client).get_json()["id"] == charge["id"]
    shop.tell(
        kiosk,
        kiosk.message(
            (1, 0),
            wire.CHARGED,
            nonce=kiosk.nonce,
            order=charge["id"],
            outcome=wire.EXPIRED,
            epoch=0,
            counter=0,
            reason="",
        ),
    )
    assert client.get(f"{CHARGES}/{charge['id']}").get_json()["state"] == "expired"


def test_a_revoked_kiosk_is_asked_nothing_though_a_thief_keeps_it_connected(
    client: FlaskClient, kiosk: KioskSide, shop: Shop
) -> None:
    assert client.post("/api/v1/kiosks/K1/revoke", json={"reason": "stolen"}).status_code == 200
    refused = ask(client)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "kiosk-revoked")
    assert shop.query("SELECT count(*) FROM till_orders") == [(0,)]
