"""Acts over HTTP: keys, rights, waiting for a second person, and what there is to look at."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from host import operators
from host.desk.words import ACTS
from host.operators import Operator, password
from simulator.reader import Field
from tests.host.api.answers import error
from tests.host.desk.test_stays import tap
from tests.host.looks import holds
from tests.host.rig import Shop, blank, value_fen

Ask = Callable[..., TestResponse]


@pytest.fixture
def login(shop: Shop, client: FlaskClient) -> Callable[..., Ask]:
    """login(name, *roles): asks as this operator: ask(act, key=..., field=value)."""

    def one(name: str, *roles: str, load_limit_fen: int = 50_000) -> Ask:
        with shop.opened.database.write() as connection:
            made = Operator(name, roles, load_limit_fen, 20_000)
            operators.add(connection, made, password.make("a good long word"), "x")
        answer = client.post("/api/v1/login", json={"name": name, "password": "a good long word"})
        assert answer.json is not None
        head = {"Authorization": f"Bearer {answer.json['token']}"}

        def ask(act: str, key: str | None = "k", **body: Any) -> TestResponse:
            keyed = {} if key is None else {"Idempotency-Key": key}
            if act.startswith("/"):
                return client.get(f"/api/v1{act}", headers=head)
            return client.post(f"/api/v1/desk/{act}", json=body, headers=head | keyed)

        return ask

    return one


def test_the_circle_over_http(shop: Shop, login: Callable[..., Ask], desk: tuple[Field, str]) -> None:
    field, reader = desk
    ann, lea = login("ann", "clerk", load_limit_fen=1_000), login("lea", "lead")
    assert ann("/desk/drawer").json is None
    assert ann("open-drawer", "1", counted_fen=20_000).status_code == 200
    old, new = blank(), blank()
    field.place(old)
    made = ann("issue", "2", reader=reader, amount_fen=1_000)
    assert made.status_code == 200 and made.json is not None and made.json["operator"] == "ann", made.text
    waits = ann("top-up", "3", reader=reader, amount_fen=1_001)
    assert waits.status_code == 202 and waits.json is not None
    number = waits.json["waits"]["id"]
    assert (ann("/desk/approvals").json or {})["approvals"][0]["state"] == "waits"
    error(ann("approve", "4", approval=number, yes=True), 403, "right")
    assert lea("approve", "4", approval=number, yes=True).status_code == 200
    assert (ann("top-up", "3", reader=reader, amount_fen=1_001).json or {})["balance_fen"] == 2_001
    uid = made.json["uid"]
    assert (ann(f"/desk/cards/{made.json['number']}").json or {})["uid"] == uid
    assert (ann("lost", "5", uid=uid, reason="gone").json or {})["hot"] is True
    field.remove()
    field.place(new)
    assert ann("issue", "6", reader=reader).status_code == 200
    assert (ann("replace", "7", uid=uid, reader=reader, reason="gone").json or {})["balance_fen"] == 2_001
    assert value_fen(new) == 2_001
    assert (ann("refund", "8", reader=reader, reason="moves").json or {})["state"] == "returned"
    assert (ann("/desk/drawer").json or {})["holds_fen"] == 20_000
    closed = ann("close-drawer", "9", counted_fen=20_000)
    assert closed.json is not None and closed.json["over_fen"] == 0
    assert len((lea("/desk/drawers").json or {})["drawers"]) == 1
    holds(shop)


def test_an_act_wants_a_key_a_right_and_to_be_one(login: Callable[..., Ask]) -> None:
    ann = login("ann", "clerk")
    error(ann("open-drawer", None, counted_fen=0), 400, "key")
    error(ann("nothing"), 404, "unknown-act")
    for act in ("hot", "unlist", "void", "settle-suspect", "approve"):
        error(ann(act), 403, "right")
    error(ann("top-up", amount_fen=1, uid="04010203"), 404, "unknown-card")
    error(ann("/desk/cards/04010203"), 404, "unknown-card")
    fin = login("fin", "finance")
    error(fin("top-up", amount_fen=1), 403, "right")


def test_every_act_is_there_and_wants_a_token(client: FlaskClient) -> None:
    for act in ACTS:
        answer = client.post(f"/api/v1/desk/{act}", json={}, headers={"Authorization": "Bearer x"})
        error(answer, 401, "token")


def test_without_a_card_on_the_reader_no_cash_is_taken(
    shop: Shop, login: Callable[..., Ask], desk: tuple[Field, str], mocker: Any
) -> None:
    mocker.patch("host.cards.readers.WAIT_S", 0)
    ann = login("ann", "clerk")
    ann("open-drawer", "1", counted_fen=0)
    error(ann("top-up", "2", reader=desk[1], amount_fen=5), 409, "no-card")
    error(ann("top-up", "2", reader="x", amount_fen=5), 409, "key-used")
    error(ann("top-up", "3", reader="x", amount_fen=5), 503, "reader")
    assert (ann("/desk/drawer").json or {})["holds_fen"] == 0


def test_who_is_inside_by_a_pass_of_minutes(shop: Shop, login: Callable[..., Ask]) -> None:
    ann, side = login("ann", "clerk"), shop.connected()
    ann("open-drawer", "1", counted_fen=0)
    assert ann("/desk/inside").json == {"inside": []}
    cards = [shop.card(0) for _ in range(2)]
    for number, card in enumerate(cards):
        uid = card.uid.hex()
        assert ann("pass", f"pass {number}", uid=uid, reason="x", minutes=60).status_code == 200
        tap(shop, side, card.uid)
    found = (ann("/desk/inside").json or {})["inside"]
    assert [one["uid"] for one in found] == [card.uid.hex().upper() for card in cards]
    assert set(found[0]) == {"uid", "number", "pass", "since", "minutes", "left"}
    closed = ann("close-stay", "2", uid=cards[0].uid.hex(), reason="gone")
    assert (closed.status_code, (closed.json or {})["used_min"]) == (200, 1)
    error(ann("close-stay", "3", uid=cards[0].uid.hex(), reason="gone"), 409, "outside")
    error(ann("close-stay", "4", uid=cards[1].uid.hex(), reason="gone", minutes=1), 403, "right")
    error(ann("close-stay", "5", uid=cards[1].uid.hex()), 400, "field")
    assert len((ann("/desk/inside").json or {})["inside"]) == 1
    holds(shop)
