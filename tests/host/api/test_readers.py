"""Readers over the API: registered by who may, listed for everybody who may look."""

import base64

from flask.testing import FlaskClient

from protocol.wire import bundle
from tests.host.rig import Shop


def test_a_reader_is_registered_once_and_listed(client: FlaskClient, shop: Shop) -> None:
    first = client.post("/api/v1/readers", json={"name": "DESK1", "broker_host": "192.0.2.7"})
    again = client.post("/api/v1/readers", json={"name": "DESK1"})
    assert (first.status_code, again.status_code) == (201, 200)
    given = bundle.decode(base64.b64decode(first.get_json()["bundle"]))
    assert (given["name"], given["host"], given["port"]) == ("DESK1", "192.0.2.7", 1883)
    listed = client.get("/api/v1/readers").get_json()["readers"]
    assert listed[-1] == {"name": "terminal:DESK1", "where": "terminal", "online": False, "card": None}
    assert client.get("/api/v1/kiosks").get_json() == []
    assert shop.query("SELECT count(*) FROM kiosk_configs") == [(0,)]


def test_what_is_no_reader_is_refused_and_nothing_is_made(client: FlaskClient, shop: Shop) -> None:
    shop.kiosk("K1")
    for body, status in (
        ({}, 400),
        ({"name": "a b"}, 400),
        ({"name": "D", "price_fen": 1}, 400),
        ({"name": "D", "broker_port": 0}, 400),
        ([], 400),
    ):
        assert client.post("/api/v1/readers", json=body).status_code == status
    client.environ_base["HTTP_AUTHORIZATION"] = "Bearer nobody"
    assert client.post("/api/v1/readers", json={"name": "D"}).status_code == 401
    assert client.get("/api/v1/readers").status_code == 401
    assert shop.query("SELECT name FROM kiosks") == [("K1",)]


def test_a_terminal_that_is_not_there_has_no_card(client: FlaskClient, shop: Shop) -> None:
    client.post("/api/v1/readers", json={"name": "DESK1"})
    for name in ("terminal:DESK1", "terminal:", "terminal:nobody"):
        answer = client.post("/api/v1/cards", json={"reader": name, "amount_fen": 100})
        assert (answer.status_code, answer.get_json()["code"]) == (409, "no-card")
