"""Every call of the intake under every role; a person takes no cash of the house."""

import pytest
from flask.testing import FlaskClient

from host import operators
from host.errors import Refused
from host.intercom.calls import CALLS
from host.operators import Operator
from host.operators.roles import ROLES
from host.processes import handlers
from host.service import Service
from tests.host.api.answers import error
from tests.host.rig import Shop

OPEN = {"health", "presence", "readers", "rejections", "booked", "login", "pairing"}  # asked without a token
FIELDS = {"uid": "04010203", "kiosk": "K9", "order": 1, "key": "k", "body": {}}


def token_of(shop: Shop, role: str) -> str:
    with shop.opened.database.write() as connection:
        made = Operator(f"the-{role}", (role,), 1_000, 1_000)
        operators.add(connection, made, None if made.is_machine else "$argon2id$", "test")
        return operators.begin_session(connection, made)[0]


@pytest.mark.parametrize("role", ROLES)
def test_each_call_is_for_the_roles_with_its_right(shop: Shop, service: Service, role: str) -> None:
    table, token = handlers.table(service), token_of(shop, role)
    for name, call in CALLS.items():
        if name in OPEN:
            assert call.right is None
            continue
        assert call.right is not None, name
        for said, answer in ((token, "right"), ("", "token"), (None, "token"), (7, "token")):
            may = said == token and call.right in ROLES[role]
            try:
                if name != "logout":  # it would end our session
                    table[name](FIELDS | {"token": said})
            except Refused as refused:
                assert (refused.code == answer) != may, (name, refused.code)
            else:
                assert may or name == "logout", name
    assert shop.query("SELECT count(*) FROM transfers") == [(0,)]


@pytest.mark.parametrize(
    "change", [{"state": "disabled"}, {"roles": ("clerk",)}, {"load_limit_fen": 1}], ids=str
)
def test_whoever_is_disabled_or_changed_is_out_at_once(
    shop: Shop, client: FlaskClient, change: dict[str, object]
) -> None:
    head = {"Authorization": f"Bearer {token_of(shop, 'owner')}"}
    assert client.get("/api/v1/me", headers=head).status_code == 200
    told = {"name": "the-owner", "roles": ("owner",), "load_limit_fen": 1_000, "refund_limit_fen": 1_000}
    with shop.opened.database.write() as connection:
        operators.change(connection, Operator(**(told | change)), "test")  # type: ignore[arg-type]
    error(client.get("/api/v1/me", headers=head), 401, "token")
    error(client.post("/api/v1/desk/lost", json={}, headers=head), 401, "token")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/cards", {"reader": "tty:x", "amount_fen": 1}),
        ("POST", "/cards/00A2B304/load", {"amount_fen": 1, "key": "k"}),
        ("POST", "/cards/00A2B304/waiting", {"amount_fen": 1}),
        ("DELETE", "/cards/00A2B304/waiting", {}),
    ],
)
def test_a_person_takes_and_gives_no_cash_of_the_house(
    shop: Shop, client: FlaskClient, method: str, path: str, body: dict[str, object]
) -> None:
    client.post("/api/v1/cards/plain", json={"uid": "00A2B304"})
    head = {"Authorization": f"Bearer {token_of(shop, 'owner')}"}
    error(client.open(f"/api/v1{path}", method=method, json=body, headers=head), 403, "person")
    assert shop.query("SELECT count(*) FROM transfers") == [(0,)]
