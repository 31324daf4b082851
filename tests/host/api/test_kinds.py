"""Account and plain cards over the API."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from host import operators
from host.cards import account, pins, plain, registry
from host.operators import Operator
from simulator.card import ClassicCard, FelicaCard
from simulator.reader import Field
from tests.host.api.answers import error
from tests.host.looks import holds
from tests.host.rig import Shop
from tests.host.tags import blank_tag, message

V1 = "/api/v1"


def post(client: FlaskClient, path: str, **body: Any) -> dict[str, Any]:
    """Its answer, which is good."""
    answer = client.post(V1 + path, json=body)
    assert answer.status_code in (200, 201), answer.text
    assert isinstance(answer.json, dict)
    return answer.json


def plain_card(client: FlaskClient, uid: str = "00A2B304") -> dict[str, Any]:
    return post(client, "/cards/plain", uid=uid)


def test_an_account_card_is_made_named_and_loaded(
    shop: Shop, client: FlaskClient, desk: tuple[Field, str]
) -> None:
    field, reader = desk
    card = blank_tag()
    with shop.opened.database.write() as connection:
        account.set_url_base(connection, "https://cards.example/c")
    error(client.post(f"{V1}/cards/account", json={"reader": reader}), 409, "no-card")
    field.place(card)
    made = post(client, "/cards/account", reader=reader)
    assert (made["kind"], made["state"], made["weak"]) == ("account", "active", False)
    error(client.post(f"{V1}/cards/account", json={"reader": reader}), 409, "card-state")
    field.remove()
    url = message(card)
    assert url.startswith("https://cards.example/c?p=")
    assert post(client, "/cards/identify", url=url)["number"] == made["number"]
    error(client.post(f"{V1}/cards/identify", json={"url": url}), 409, "replayed")
    error(client.post(f"{V1}/cards/identify", json={"url": "x"}), 409, "malformed")
    for _ in range(2):  # twice is once
        load = post(client, f"/cards/{made['uid']}/load", amount_fen=5000, key="1")
        assert load["balance_fen"] == 5000
    assert post(client, f"/cards/{made['uid']}/load", amount_fen=100, key="2")["balance_fen"] == 5100
    error(client.post(f"{V1}/cards/{made['uid']}/load", json={"amount_fen": 1, "key": "1"}), 409, "key-used")
    holds(shop)


def test_a_card_of_another_kind_is_told(client: FlaskClient, desk: tuple[Field, str]) -> None:
    field, reader = desk
    field.place(ClassicCard(bytes.fromhex("01A2B304")))
    error(client.post(f"{V1}/cards/account", json={"reader": reader}), 409, "no-card")


@pytest.mark.parametrize("card", [ClassicCard(bytes.fromhex("00A2B305")), FelicaCard(b"\x00" + b"IDM4567")])
def test_a_plain_card_is_registered_from_the_reader(
    shop: Shop, client: FlaskClient, desk: tuple[Field, str], card: Any
) -> None:
    field, reader = desk
    error(client.post(f"{V1}/cards/plain", json={"reader": reader}), 409, "no-card")
    field.place(card)
    made = post(client, "/cards/plain", reader=reader, number="VIP 7")
    assert (made["uid"], made["number"], made["weak"]) == (card.uid.hex().upper(), "VIP 7", True)
    field.remove()
    error(client.post(f"{V1}/cards/plain", json={"uid": made["uid"]}), 409, "card-state")
    error(client.post(f"{V1}/cards/plain", json={"uid": "05A2B304", "number": "VIP 7"}), 409, "card-number")
    holds(shop)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "field"),
        ({"uid": "00A2B304", "reader": "usb"}, 400, "field"),
        ({"uid": "zz"}, 400, "field"),
        ({"uid": "08A2B304"}, 409, "uid"),
        ({"uid": "0102030405"}, 409, "uid"),
        ({"uid": "00A2B304", "number": ""}, 400, "field"),
        ({"uid": "00A2B304", "number": "x" * 33}, 400, "field"),
        ({"uid": "00A2B304", "colour": "red"}, 400, "field"),
        ({"reader": "none"}, 503, "reader"),
    ],
)
def test_what_names_no_plain_card(
    shop: Shop, client: FlaskClient, body: dict[str, Any], status: int, code: str
) -> None:
    error(client.post(f"{V1}/cards/plain", json=body), status, code)
    assert shop.query("SELECT count(*) FROM cards") == [(0,)]


def test_terms_of_a_plain_card(shop: Shop, client: FlaskClient) -> None:
    uid = plain_card(client)["uid"]
    shown = post(client, f"/cards/{uid}/terms", pin="2580", daily_fen=500)
    assert (shown["daily_fen"], shown["wrong_pins"]) == (500, 0)
    card = shop.look(registry.known, bytes.fromhex(uid))
    with shop.opened.database.write() as connection:
        assert plain.may_pay(connection, card, 1, "1357", 0) == pins.WRONG
    assert post(client, f"/cards/{uid}/terms")["wrong_pins"] == 1
    assert post(client, f"/cards/{uid}/terms", unblock=True)["wrong_pins"] == 0
    with shop.opened.database.write() as connection:
        assert plain.may_pay(connection, card, 1, "2580", 0) == plain.BALANCE
    post(client, f"/cards/{uid}/terms", pin=None)
    with shop.opened.database.write() as connection:
        assert plain.may_pay(connection, card, 1, None, 0) == plain.BALANCE
    for bad in ({"pin": "1111"}, {"pin": 2580}, {"pin": "12"}, {"daily_fen": -1}, {"daily_fen": "5"}):
        assert client.post(f"{V1}/cards/{uid}/terms", json=bad).status_code == 400
    assert post(client, f"/cards/{uid}/terms")["daily_fen"] == 500


def test_who_may_raise_a_daily_limit(shop: Shop, client: FlaskClient) -> None:
    """A machine's token has no right to approve; an owner's has."""
    uid = plain_card(client)["uid"]
    above = {"daily_fen": plain.DAILY_FEN + 1}
    error(client.post(f"{V1}/cards/{uid}/terms", json=above), 403, "right")
    with shop.opened.database.write() as connection:
        boss = Operator("boss", ("owner",), 100, 0)
        operators.add(connection, boss, "$argon2id$", "test")
        token, _ = operators.begin_session(connection, boss)
    answer = client.post(f"{V1}/cards/{uid}/terms", json=above, headers={"Authorization": f"Bearer {token}"})
    assert (answer.json or {})["daily_fen"] == plain.DAILY_FEN + 1


def test_what_is_not_for_a_kind(shop: Shop, client: FlaskClient) -> None:
    purse = shop.card(0).uid.hex()
    error(client.post(f"{V1}/cards/{purse}/load", json={"amount_fen": 1, "key": "1"}), 409, "card-kind")
    error(client.post(f"{V1}/cards/{purse}/terms", json={"pin": None}), 409, "card-kind")
    error(client.post(f"{V1}/cards/0011223344/load", json={"amount_fen": 1, "key": "1"}), 404, "unknown-card")
    uid = plain_card(client)["uid"]
    error(client.post(f"{V1}/cards/{uid}/load", json={"amount_fen": 500_001, "key": "1"}), 403, "limit")
    for bad in ({"amount_fen": 0, "key": "1"}, {"amount_fen": 1}, {"amount_fen": 1, "key": ""}):
        assert client.post(f"{V1}/cards/{uid}/load", json=bad).status_code == 400
    client.post(f"{V1}/cards/{uid}/lost")
    error(client.post(f"{V1}/cards/{uid}/load", json={"amount_fen": 1, "key": "1"}), 409, "card-state")
    assert shop.query("SELECT count(*) FROM transfers") == [(0,)]
