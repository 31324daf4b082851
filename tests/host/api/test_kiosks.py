"""Kiosks over the API: one is revoked, and registered anew it has another bundle."""

from flask.testing import FlaskClient

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
