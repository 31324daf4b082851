import base64
import json
from typing import Any

import apsw
import pytest
from flask.testing import FlaskClient
from pytest_mock import MockerFixture

from host.service import Service
from protocol.card import layout
from protocol.wire import bundle
from protocol.wire.messages import CONFIG, HOTLIST
from simulator.reader import Field
from tests.host.api.answers import error
from tests.host.rig import Shop, blank, value_fen

DESK = "tty:somewhere"


ROUTES = [
    ("POST", "/kiosks"),
    ("GET", "/kiosks"),
    ("POST", "/readers"),
    ("GET", "/readers"),
    ("POST", "/logout"),
    ("POST", "/desk/lost"),
    ("GET", "/desk/cards/04010203"),
    ("GET", "/desk/inside"),
    ("GET", "/desk/approvals"),
    ("GET", "/desk/drawers"),
    ("GET", "/desk/drawer"),
    ("GET", "/me"),
    ("GET", "/intake"),
    ("POST", "/cards"),
    ("POST", "/cards/recover"),
    ("POST", "/cards/account"),
    ("POST", "/cards/plain"),
    ("POST", "/cards/identify"),
    ("POST", "/cards/04010203/load"),
    ("POST", "/cards/04010203/terms"),
    ("GET", "/cards"),
    ("GET", "/cards/04010203"),
    ("POST", "/cards/04010203/lost"),
    ("POST", "/cards/04010203/waiting"),
    ("GET", "/waiting"),
    ("DELETE", "/cards/04010203/waiting"),
    ("GET", "/ledger/lines"),
    ("GET", "/ledger/stream"),
    ("GET", "/alarms"),
    ("PATCH", "/kiosks/04010203/config"),
    ("GET", "/kiosks/04010203/config"),
    ("POST", "/kiosks/04010203/pair"),
    ("GET", "/kiosks/04010203/pair"),
    ("POST", "/kiosks/04010203/revoke"),
    ("GET", "/kiosks/04010203/charges"),
    ("POST", "/kiosks/04010203/charges"),
    ("GET", "/kiosks/04010203/charges/1"),
    ("POST", "/kiosks/04010203/charges/1/cancel"),
    ("GET", "/suspects"),
    ("GET", "/open-sales"),
    ("GET", "/refusals"),
    ("POST", "/verify"),
]


def test_every_route_but_health_login_and_pairing_wants_a_token(client: FlaskClient) -> None:
    found = {
        (
            method,
            rule.rule.removeprefix("/api/v1")
            .replace("<uid_hex>", "04010203")
            .replace("<name>", "04010203")
            .replace("<act>", "lost")
            .replace("<int:number>", "1"),
        )
        for rule in client.application.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert found == {*ROUTES, ("GET", "/health"), ("POST", "/login"), ("GET", "/pair/<pairing>")}
    for method, path in ROUTES:
        for header in ("", "Bearer", "Bearer wrong", "Basic eDp5"):
            answer = client.open("/api/v1" + path, method=method, headers={"Authorization": header})
            error(answer, 401, "token")
    health = client.get("/api/v1/health", headers={"Authorization": ""})
    assert health.json == {"ok": False, "mqtt": False, "version": "0.1.0"}
    assert health.status_code == 503, "nobody takes reports: this service was not started"


def test_a_kiosk_is_made_once_and_its_price_changed_later(client: FlaskClient) -> None:
    made = client.post("/api/v1/kiosks", json={"name": "K1", "price_fen": 2500, "broker_port": 7})
    assert made.status_code == 201 and made.json is not None
    given = bundle.decode(base64.b64decode(made.json["bundle"]))
    assert (given["name"], given["number"], given["host"], given["port"]) == ("K1", 1, "127.0.0.1", 7)
    again = client.post("/api/v1/kiosks", json={"name": "K1", "price_fen": 3000})
    assert again.status_code == 200 and again.json is not None and again.json["number"] == 1
    (shown,) = client.get("/api/v1/kiosks").json or []
    assert shown["config"] == {"newest": 2, "confirmed": 0, "rejected": None}
    assert (shown["connected"], shown["epoch"], shown["last_counter"], shown["gaps"]) == (False, 1, 0, [])


def test_the_bundle_carries_the_wireless_network_it_was_given(client: FlaskClient) -> None:
    asked = {"name": "K1", "price_fen": 2500, "ssid": "shop 二楼", "password": "correct horse"}
    made = client.post("/api/v1/kiosks", json=asked)
    assert made.status_code == 201 and made.json is not None
    given = bundle.decode(base64.b64decode(made.json["bundle"]))
    assert (given["ssid"], given["password"]) == ("shop 二楼", "correct horse")


@pytest.mark.parametrize(
    "changed, field",
    [
        ({"ssid": ""}, "ssid"),
        ({"ssid": "x" * 33}, "ssid"),
        ({"password": "x" * 65}, "password"),
        ({"password": 5}, "password"),
        ({"name": ""}, "name"),
        ({"name": "a/b"}, "name"),
        ({"name": "x" * 33}, "name"),
        ({"name": 5}, "name"),
        ({"price_fen": 0}, "price_fen"),
        ({"price_fen": 500_001}, "price_fen"),
        ({"price_fen": 25.0}, "price_fen"),
        ({"price_fen": "2500"}, "price_fen"),
        ({"price_fen": True}, "price_fen"),
        ({"language": "fr"}, "language"),
        ({"verdict_wait_ms": 5001}, "verdict_wait_ms"),
        ({"offline_total_fen": -1}, "offline_total_fen"),
        ({"broker_host": ""}, "broker_host"),
        ({"broker_host": "\ud800"}, "broker_host"),
        ({"broker_host": "a\nb"}, "broker_host"),
        ({"broker_port": 65536}, "broker_port"),
        ({"ssid": "汉" * 11}, "ssid"),
        ({"password": None}, "password"),
        ({"prize_fen": 1}, "prize_fen"),
        ({"\ud800": 1}, "ud800"),
    ],
)
def test_a_field_out_of_its_range_is_named_and_nothing_is_made(
    client: FlaskClient, changed: dict[str, Any], field: str
) -> None:
    body = {"name": "K1", "price_fen": 2500} | changed
    raw = json.dumps(body).encode()  # escapes what is no character
    assert field in error(client.post("/api/v1/kiosks", data=raw), 400, "field")
    assert client.get("/api/v1/kiosks").json == []


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"null", b"\xff", b'{"a": NaN'])
def test_a_body_that_is_no_json_object_is_told(client: FlaskClient, body: bytes) -> None:
    error(client.post("/api/v1/kiosks", data=body), 400, "json")


def test_a_body_too_large_and_paths_and_methods_that_are_not_there_are_told(client: FlaskClient) -> None:
    huge = b'{"name": "' + b"x" * 70_000 + b'"}'
    error(client.post("/api/v1/kiosks", data=huge), 413, "request-entity-too-large")
    error(client.get("/api/v1/nothing"), 404, "not-found")
    error(client.delete("/api/v1/kiosks"), 405, "method-not-allowed")


def test_a_card_is_issued_shown_and_reported_lost(
    shop: Shop, client: FlaskClient, service: Service, desk: tuple[Field, str]
) -> None:
    field, reader = desk
    card = blank()
    field.place(card)
    made = client.post("/api/v1/cards", json={"reader": reader, "amount_fen": 10_000})
    assert made.status_code == 201, made.text
    uid = card.uid.hex().upper()
    shown = {
        "uid": uid,
        "number": "000000000001",
        "issue": 1,
        "kind": "purse",
        "weak": False,
        "state": "active",
        "balance_fen": 10_000,
        "flags": [],
    }
    assert made.json == shown
    assert value_fen(card) == 10_000
    assert client.get(f"/api/v1/cards/{uid}").json == shown
    assert client.get(f"/api/v1/cards/{uid.lower()}").json == shown
    error(client.post("/api/v1/cards", json={"reader": reader, "amount_fen": 1}), 409, "card-state")
    recovered = client.post("/api/v1/cards/recover", json={"reader": reader}).json or {}
    assert recovered == shown | {"did": "Nothing was open: card and books agree.", "settled": []}
    kiosk = shop.connected()
    for _ in range(2):  # twice is once
        assert (client.post(f"/api/v1/cards/{uid}/lost").json or {})["state"] == "lost"
    assert kiosk.hear_all(shop.write([], pushed=True))[HOTLIST]["uids"] == [card.uid]
    assert len(service.intake._inbox.take(9)) == 5, "pushed after each of three looks at it, and when lost"
    (listed,) = client.get("/api/v1/cards").json or []
    assert listed == shown | {"state": "lost"}


def test_an_operator_loads_no_more_than_his_limit(shop: Shop, client: FlaskClient) -> None:
    with shop.opened.database.write() as connection:
        connection.execute("UPDATE operators SET load_limit_fen = 20000")
    answer = client.post("/api/v1/cards", json={"reader": DESK, "amount_fen": 20_001})
    assert "20000" in error(answer, 403, "limit")


@pytest.mark.parametrize(
    "body, field",
    [
        ({"reader": DESK}, "amount_fen"),
        ({"amount_fen": 1}, "reader"),
        ({"reader": DESK, "amount_fen": -1}, "amount_fen"),
        ({"reader": DESK, "amount_fen": layout.VALUE_FEN_MAX + 1}, "amount_fen"),
        ({"reader": DESK, "amount_fen": 10**30}, "amount_fen"),
        ({"reader": "", "amount_fen": 1}, "reader"),
    ],
)
def test_an_issue_with_a_bad_field_is_refused(client: FlaskClient, body: dict[str, Any], field: str) -> None:
    assert field in error(client.post("/api/v1/cards", json=body), 400, "field")


def test_readers_and_cards_that_are_not_there_are_told(
    client: FlaskClient, service: Service, desk: tuple[Field, str], mocker: MockerFixture
) -> None:
    _, reader = desk
    error(client.post("/api/v1/cards", json={"reader": "x", "amount_fen": 1}), 503, "reader")
    mocker.patch("host.cards.readers.WAIT_S", 0.05)
    answer = client.post("/api/v1/cards", json={"reader": reader, "amount_fen": 1})
    assert "place one" in error(answer, 409, "no-card")
    with service._desk:
        answer = client.post("/api/v1/cards", json={"reader": reader, "amount_fen": 1})
    assert "busy" in error(answer, 503, "reader")
    error(client.get("/api/v1/cards/0401020304"), 404, "unknown-card")
    error(client.post("/api/v1/cards/0401020304/lost"), 404, "unknown-card")
    for uid in ("zz", "0401", "04" * 11):
        error(client.get(f"/api/v1/cards/{uid}"), 400, "field")


def test_a_card_pulled_too_early_is_told_and_then_finished(
    client: FlaskClient, desk: tuple[Field, str]
) -> None:
    field, reader = desk
    card = blank()
    field.place(card)
    card.arm_pull("commit-sent")
    body = {"reader": reader, "amount_fen": 10_000}
    assert "not done twice" in error(client.post("/api/v1/cards", json=body), 409, "load-pending")
    field.remove()
    field.place(card)
    assert (client.post("/api/v1/cards", json=body).json or {})["balance_fen"] == 10_000


def test_books_that_cannot_be_written_are_told_and_a_fault_shows_no_traceback(
    client: FlaskClient, mocker: MockerFixture
) -> None:
    body = {"name": "K1", "price_fen": 2500}
    full = apsw.FullError("database or disk is full")
    mocker.patch("host.terminals.fleet.configs.add", side_effect=full)
    error(client.post("/api/v1/kiosks", json=body), 503, "database")
    assert client.get("/api/v1/kiosks").json == []
    mocker.patch("host.terminals.fleet.configs.add", side_effect=ZeroDivisionError("inner matters"))
    assert "inner" not in error(client.post("/api/v1/kiosks", json=body), 500, "fault")


def test_a_price_changed_over_the_api_reaches_the_kiosk(
    shop: Shop, client: FlaskClient, service: Service
) -> None:
    shop.kiosks = service.kiosks
    shop.batches._kiosks = service.kiosks
    kiosk = shop.connected()
    client.post("/api/v1/kiosks", json={"name": "K1", "price_fen": 3100})
    assert kiosk.hear_all(shop.write([], pushed=True))[CONFIG]["price_fen"] == 3100


def test_the_token_file_is_private_and_the_books_hold_only_its_hash(shop: Shop) -> None:
    token = shop.opened.data / "operator-token"
    assert token.stat().st_mode & 0o777 == 0o600
    assert token.read_bytes().strip() not in (shop.opened.data / "tapledger.db").read_bytes()
