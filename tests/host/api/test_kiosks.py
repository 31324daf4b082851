"""Kiosks over the API: one is revoked, and registered anew it has another bundle."""

import base64

import pytest
from flask.testing import FlaskClient

from host import clock
from host.terminals.fleet import configs
from protocol.wire import bundle
from tests.host.rig import KioskSide, Shop


def test_a_kiosk_is_revoked_once_and_can_be_registered_anew(client: FlaskClient, shop: Shop) -> None:
    terms = {"name": "K1", "price_fen": 2500, "broker_host": "h"}
    first = client.post("/api/v1/kiosks", json=terms).get_json()["bundle"]
    for again in (True, False):
        answer = client.post("/api/v1/kiosks/K1/revoke", json={"reason": "sold"})
        assert (answer.status_code, answer.get_json()) == (200, {"name": "K1", "revoked": again})
    assert client.get("/api/v1/kiosks").get_json()[0]["revoked"] is True
    assert shop.query("SELECT reason, who FROM kiosk_revocations") == [("sold", "operator:desk")]
    made = client.post("/api/v1/kiosks", json=terms)
    assert made.status_code == 200 and made.get_json()["bundle"] != first
    assert client.get("/api/v1/kiosks").get_json()[0]["revoked"] is False


def test_what_cannot_be_revoked_is_said_and_changes_nothing(client: FlaskClient, shop: Shop) -> None:
    shop.kiosk("K1")
    for path, body, status in (
        ("/api/v1/kiosks/K9/revoke", {}, 404),
        ("/api/v1/kiosks/K1/revoke", {"reason": ""}, 400),
        ("/api/v1/kiosks/K1/revoke", {"reason": 7}, 400),
        ("/api/v1/kiosks/K1/revoke", {"why": "x"}, 400),
    ):
        answer = client.post(path, json=body)
        assert answer.status_code == status and answer.get_json()["error"]
    client.environ_base["HTTP_AUTHORIZATION"] = "Bearer nobody"
    assert client.post("/api/v1/kiosks/K1/revoke", json={}).status_code == 401
    assert shop.query("SELECT count(*) FROM kiosk_revocations") == [(0,)]
    assert isinstance(shop.kiosk("K1"), KioskSide)


def test_what_a_kiosk_is_told_is_changed_field_by_field_and_kept_with_who(
    client: FlaskClient, shop: Shop
) -> None:
    shop.kiosk("K1")
    path = "/api/v1/kiosks/K1/config"
    for version, changed in ((2, True), (2, False)):
        answer = client.patch(path, json={"mode": "keypad", "title": "兰亭", "hours": [[600, 1320]]})
        assert answer.get_json() == {"name": "K1", "version": version, "changed": changed}
    assert client.patch(path, json={"max_fen": 5000}).get_json()["version"] == 3
    newest, _, first = client.get(path).get_json()["configs"]
    assert (newest["version"], newest["who"]) == (3, "operator:desk")
    assert newest["config"] | {"mode": "keypad", "price_fen": 2500, "max_fen": 5000} == newest["config"]
    assert (first["config"]["mode"], first["config"]["title"]) == ("fixed", "")
    again = client.post("/api/v1/kiosks", json={"name": "K1", "price_fen": 100, "broker_host": "h"})
    assert again.status_code == 200, "a new price leaves the rest"
    assert client.get(path).get_json()["configs"][0]["config"]["title"] == "兰亭"


def test_what_cannot_be_told_is_said_and_changes_nothing(client: FlaskClient, shop: Shop) -> None:
    shop.kiosk("K1")
    shop.reader("DESK1")
    for name, body, status in (
        ("K9", {"mode": "keypad"}, 404),
        ("DESK1", {"mode": "keypad"}, 404),
        ("K1", {"mode": "list"}, 400),
        ("K1", {"colour": 1}, 400),
        ("K1", {"name": "K2"}, 400),
        ("K1", [], 400),
    ):
        answer = client.patch(f"/api/v1/kiosks/{name}/config", json=body)
        assert answer.status_code == status and answer.get_json()["error"], (name, body)
    assert client.get("/api/v1/kiosks/K9/config").status_code == 404
    client.environ_base["HTTP_AUTHORIZATION"] = "Bearer nobody"
    assert client.patch("/api/v1/kiosks/K1/config", json={"mode": "keypad"}).status_code == 401
    assert shop.query("SELECT count(*) FROM kiosk_configs") == [(1,)]


def test_what_a_kiosk_gave_up_can_be_given_once_more(client: FlaskClient, shop: Shop) -> None:
    shop.kiosk("K1")
    path = "/api/v1/kiosks/K1/config"
    assert client.patch(path, json={"price_fen": 2500}).get_json()["changed"] is False
    with shop.opened.database.write() as connection:
        configs.reject(connection, 1, 1, "restarts")
    assert client.get("/api/v1/kiosks").get_json()[0]["config"]["rejected"] == "restarts"
    again = client.patch(path, json={"price_fen": 2500}).get_json()
    assert again == {"name": "K1", "version": 2, "changed": True}
    assert client.get("/api/v1/kiosks").get_json()[0]["config"]["rejected"] is None


def test_the_bundle_says_when_it_was_made_and_which_time_server_may_be_asked(
    client: FlaskClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now_s", lambda: 1_790_000_000)
    terms = {"name": "K1", "price_fen": 2500}
    for asked, ntp in (({}, "pool.ntp.org"), ({"ntp": "ntp.example"}, "ntp.example"), ({"ntp": ""}, "")):
        made = client.post("/api/v1/kiosks", json={**terms, **asked}).get_json()["bundle"]
        given = bundle.decode(base64.b64decode(made))
        assert (given["made_s"], given["ntp"], given["ca"]) == (1_790_000_000, ntp, b"")
    for wrong in ("x" * 254, 7):
        answer = client.post("/api/v1/kiosks", json={**terms, "ntp": wrong})
        assert answer.status_code == 400 and "ntp" in answer.get_json()["error"]
