import contextlib

import pytest
from flask.testing import FlaskClient
from pytest_mock import MockerFixture

from host import operators
from host.operators import Operator, password
from host.processes.handlers import logins
from tests.host.api.answers import error
from tests.host.rig import NOW_S, Shop

PASSWORD = "a good long word"


@pytest.fixture
def ann(shop: Shop) -> Operator:
    made = Operator("ann", ("clerk",), 50_000, 20_000)
    with shop.opened.database.write() as connection:
        operators.add(connection, made, password.make(PASSWORD), "x")
    return made


def test_a_login_gives_a_token_that_a_logout_ends(client: FlaskClient, ann: Operator) -> None:
    made = client.post(
        "/api/v1/login", json={"name": "ann", "password": PASSWORD}, headers={"Authorization": ""}
    )
    assert made.status_code == 201 and made.json is not None
    header = {"Authorization": f"Bearer {made.json['token']}"}
    me = client.get("/api/v1/me", headers=header).json
    assert me == ann.to_json() and made.json.items() > me.items()
    error(client.post("/api/v1/kiosks", json={"name": "K1", "price_fen": 1}, headers=header), 403, "right")
    assert client.get("/api/v1/cards", headers=header).json == []
    assert client.post("/api/v1/logout", headers=header).status_code == 204
    error(client.get("/api/v1/me", headers=header), 401, "token")


def test_wrong_passwords_are_refused_and_then_put_off(
    client: FlaskClient, ann: Operator, mocker: MockerFixture
) -> None:
    mocker.patch("host.clock.now_s", return_value=NOW_S)
    for _ in range(3):
        error(client.post("/api/v1/login", json={"name": "ann", "password": "wrong"}), 401, "password")
    late = client.post("/api/v1/login", json={"name": "ann", "password": PASSWORD})
    assert "try again in" in error(late, 429, "locked")
    assert int(late.headers["Retry-After"]) > 0
    error(client.post("/api/v1/login", json={"name": "bob", "password": "wrong"}), 401, "password")


@pytest.mark.parametrize(
    "body", [{}, {"name": "ann"}, {"name": 5, "password": "x"}, {"name": "ann", "password": ""}]
)
def test_a_login_without_its_fields_is_told(client: FlaskClient, body: dict[str, object]) -> None:
    error(client.post("/api/v1/login", json=body), 400, "field")


def test_a_flood_of_logins_holds_few_threads(client: FlaskClient, ann: Operator) -> None:
    body = {"name": "ann", "password": PASSWORD}
    with contextlib.ExitStack() as others:
        for _ in range(logins.AT_ONCE):
            others.enter_context(logins.PLACES)
        error(client.post("/api/v1/login", json=body), 429, "busy")
    assert client.post("/api/v1/login", json=body).status_code == 201
