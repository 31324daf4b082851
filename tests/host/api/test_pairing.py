"""A kiosk is paired by its code: who may, what is fetched without a token, and what is refused."""

import pytest
from flask.testing import FlaskClient
from pytest_mock import MockerFixture

from host import clock
from host.api.pairing import ASKS_MAX, ASKS_MAX_TOGETHER, SPAN_S
from host.db import engine
from host.db.connection import breaches
from host.service import Service
from protocol.wire import bundle, pairing
from tests.host.db.test_schema import migrate
from tests.host.rig import Shop

SECRET, OTHER = bytes(range(10)), bytes(range(1, 11))
TERMS = {"price_fen": 2500, "broker_host": "10.0.0.2", "broker_port": 8883}


def path(secret: bytes) -> str:
    return f"/api/v1/pair/{pairing.identifier(secret).hex()}"


def pair(client: FlaskClient, name: str, secret: bytes, **more: object) -> int:
    body = {"code": pairing.code(secret), **TERMS, **more}
    return client.post(f"/api/v1/kiosks/{name}/pair", json=body).status_code


def test_the_bundle_is_for_whom_shows_the_code(client: FlaskClient, shop: Shop) -> None:
    stranger = client.application.test_client()
    assert stranger.get(path(SECRET)).status_code == 404
    assert pair(client, "K1", SECRET, mode="keypad") == 201
    state = "/api/v1/kiosks/K1/pair"
    assert client.get(state).get_json() == {"fetched": False}
    assert stranger.get(state).status_code == 401
    answers = [stranger.get(path(SECRET)) for _ in range(2)]  # the first one may have been lost
    assert answers[0].data == answers[1].data and answers[0].content_type == "application/octet-stream"
    given = bundle.decode(pairing.open_(SECRET, answers[0].data))
    assert (given["name"], given["host"], given["port"]) == ("K1", "10.0.0.2", 8883)
    assert given["secret"] not in answers[0].data
    assert client.get(state).get_json() == {"fetched": True}
    assert stranger.get(path(OTHER)).status_code == 404
    rows = shop.query("SELECT kiosk, pairing, who FROM kiosk_pairings")
    assert [(kiosk, bytes(one), who) for kiosk, one, who in rows] == [
        (1, pairing.identifier(SECRET), "operator:desk")
    ]


def test_two_kiosks_at_once_get_each_its_own(client: FlaskClient, shop: Shop) -> None:
    assert [pair(client, "K1", SECRET), pair(client, "K2", OTHER)] == [201, 201]
    for name, secret in (("K1", SECRET), ("K2", OTHER)):
        sealed = client.get(path(secret)).data
        assert bundle.decode(pairing.open_(secret, sealed))["name"] == name
    with pytest.raises(pairing.PairingError):
        pairing.open_(OTHER, client.get(path(SECRET)).data)


def test_after_ten_minutes_there_is_nothing(client: FlaskClient, shop: Shop, mocker: MockerFixture) -> None:
    now_s = clock.now_s()
    told = mocker.patch("host.terminals.fleet.pairing.clock.now_s", return_value=now_s)
    assert pair(client, "K1", SECRET) == 201
    told.return_value = now_s + pairing.LIFE_S - 1
    assert client.get(path(SECRET)).status_code == 200
    told.return_value = now_s + pairing.LIFE_S
    assert client.get(path(SECRET)).status_code == 404
    assert client.get("/api/v1/kiosks/K1/pair").get_json() == {"fetched": None}


def test_what_cannot_be_paired_is_said_and_registers_nothing(
    client: FlaskClient, shop: Shop, service: Service, mocker: MockerFixture
) -> None:
    good = pairing.code(SECRET)
    for name, body, status in (
        ("K1", {**TERMS}, 400),
        ("K1", {**TERMS, "code": "0" * 18}, 400),
        ("K1", {**TERMS, "code": good[:-1]}, 400),
        ("K1", {**TERMS, "code": 7}, 400),
        ("K1", {"code": good}, 400),  # a new kiosk without a price
        ("K1", {**TERMS, "code": good, "mode": "list"}, 400),
        ("no name", {**TERMS, "code": good}, 400),
        ("K1", {**TERMS, "code": good, "ssid": "x"}, 400),  # its own network, which the kiosk knows
    ):
        answer = client.post(f"/api/v1/kiosks/{name}/pair", json=body)
        assert answer.status_code == status and answer.get_json()["error"], body
    mocker.patch.object(service.line, "is_present", return_value=True)
    assert pair(client, "K1", SECRET) == 409
    client.environ_base["HTTP_AUTHORIZATION"] = "Bearer nobody"
    assert pair(client, "K1", SECRET) == 401
    assert shop.query("SELECT count(*) FROM kiosks") == [(0,)]
    assert client.get(path(SECRET)).status_code == 404


@pytest.mark.parametrize("asked", ["", "zz", "00", "0" * 16, "0" * 5000, "../health", "%00"])
def test_who_asks_for_anything_else_gets_nothing_and_leaves_nothing(
    client: FlaskClient, service: Service, asked: str
) -> None:
    del client.environ_base["HTTP_AUTHORIZATION"]
    assert client.get(f"/api/v1/pair/{asked}").status_code in (401, 404)
    assert not service.offers._offers


def test_who_asks_too_often_waits_and_keeps_nobody_else_from_asking(
    client: FlaskClient, service: Service, mocker: MockerFixture
) -> None:
    now = mocker.patch("host.pace.time.monotonic", return_value=1000.0)
    fetch = mocker.spy(service.offers, "fetch")

    def asks(address: str, times: int) -> list[int]:
        at = {"REMOTE_ADDR": address}
        return [client.get(path(SECRET), environ_overrides=at).status_code for _ in range(times)]

    assert asks("10.0.0.1", ASKS_MAX + 1) == [404] * ASKS_MAX + [429]
    assert fetch.call_count == ASKS_MAX, "the intake was not asked"
    answer = client.get(path(SECRET), environ_overrides={"REMOTE_ADDR": "10.0.0.1"})
    assert answer.headers["Retry-After"] and answer.get_json()["code"] == "busy"
    assert asks("10.0.0.2", 1) == [404]
    now.return_value += SPAN_S
    assert asks("10.0.0.1", 1) == [404]


def test_behind_a_proxy_each_kiosk_is_known_by_what_the_proxy_named_last(
    client: FlaskClient, mocker: MockerFixture
) -> None:
    mocker.patch("host.pace.time.monotonic", return_value=1000.0)

    def asks(told: str, times: int) -> list[int]:
        headers = {"X-Forwarded-For": told}
        return [client.get(path(SECRET), headers=headers).status_code for _ in range(times)]

    assert asks("10.0.0.1", ASKS_MAX + 1) == [404] * ASKS_MAX + [429]
    assert asks("10.0.0.2", 1) == asks("2001:db8::1", 1) == [404]
    assert asks("10.7.7.7, 10.0.0.1", 1) == [429], "what it was told from outside counts for nothing"
    assert asks("::ffff:10.0.0.1", 1) == [429], "the same address, as a proxy that listens on both writes it"
    assert asks("2001:db8::2", ASKS_MAX)[-1] == 429 == asks("2001:db8::3:4", 1)[0], "one line's are many"
    assert asks("2001:db8:0:1::1", 1) == [404]
    assert asks("rubbish", ASKS_MAX + 1)[-1] == 429 == asks("", 1)[0], "then it is the proxy's own address"


def test_many_addresses_are_together_no_more_than_a_fleet(client: FlaskClient, mocker: MockerFixture) -> None:
    mocker.patch("host.pace.time.monotonic", return_value=1000.0)
    for number in range(ASKS_MAX_TOGETHER):
        at = {"REMOTE_ADDR": f"10.0.{number // 256}.{number % 256}"}
        assert client.get(path(SECRET), environ_overrides=at).status_code == 404
    assert client.get(path(SECRET), environ_overrides={"REMOTE_ADDR": "10.9.9.9"}).status_code == 429


def test_more_offers_than_operators_would_make_are_refused(
    client: FlaskClient, shop: Shop, mocker: MockerFixture
) -> None:
    mocker.patch("host.terminals.fleet.pairing.OFFERS_MAX", 1)
    assert pair(client, "K1", SECRET) == 201
    assert pair(client, "K2", OTHER) == 503
    assert shop.query("SELECT name FROM kiosks") == [("K1",)], "nothing is half done"
    assert pair(client, "K1", SECRET) == 200, "the same again"


def test_another_code_for_the_same_name_withdraws_the_one_before(client: FlaskClient, shop: Shop) -> None:
    for secret, other in ((SECRET, OTHER), (OTHER, SECRET), (SECRET, OTHER)):
        pair(client, "K1", secret)
        assert client.get(path(other)).status_code == 404, "two devices would be one kiosk"
        assert client.get("/api/v1/kiosks/K1/pair").get_json() == {"fetched": False}
        assert client.get(path(secret)).status_code == 200


def test_a_stolen_kiosk_that_stays_connected_does_not_keep_its_name(
    client: FlaskClient, shop: Shop, service: Service, mocker: MockerFixture
) -> None:
    assert pair(client, "K1", SECRET) == 201
    stolen = bundle.decode(pairing.open_(SECRET, client.get(path(SECRET)).data))
    mocker.patch.object(service.line, "is_present", return_value=True)
    assert pair(client, "K1", OTHER) == 409
    assert client.post("/api/v1/kiosks/K1/revoke", json={"reason": "stolen"}).status_code == 200
    assert pair(client, "K1", OTHER) == 200
    given = bundle.decode(pairing.open_(OTHER, client.get(path(OTHER)).data))
    assert given["secret"] != stolen["secret"]


def test_the_step_goes_down_while_nobody_was_paired(client: FlaskClient, shop: Shop, place: object) -> None:
    database = engine.create_or_open(place)  # type: ignore[arg-type]
    migrate(place, "0021")  # type: ignore[arg-type]
    migrate(place, "head")  # type: ignore[arg-type]
    with database.write() as connection:
        sql = "INSERT INTO kiosks (name, issue, made_at_s) VALUES ('K1', 1, 0) RETURNING number"
        number = connection.execute(sql).fetchone()[0]
        connection.execute(
            "INSERT INTO kiosk_pairings (kiosk, pairing, who, at_s) VALUES (?, ?, 'x', 0)",
            (number, b"12345678"),
        )
    with pytest.raises(breaches(), match="append-only"), database.write() as connection:
        connection.execute("UPDATE kiosk_pairings SET who = 'y'")
    with pytest.raises(ValueError, match="who paired kiosks: they are not taken away"):
        migrate(place, "0021")  # type: ignore[arg-type]
    database.close()
