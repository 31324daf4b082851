"""The API while the intake is busy or away: 503, when to come again, and what to do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from host import VERSION
from host.api.app import RETRY_AFTER_S, create_app
from host.db import engine, whereabouts
from host.errors import Refused
from host.intercom import SOCKET_NAME
from host.intercom.calls import CALLS
from host.intercom.client import Caller
from host.processes import handlers
from host.service import Service
from host.terminals.intake.intake import WAITING_MAX
from tests.host.api.answers import error
from tests.host.rig import Shop

KIOSK = {"name": "K1", "price_fen": 2500}


def test_every_call_has_its_handler(service: Service) -> None:
    assert set(handlers.table(service)) == set(CALLS)


@pytest.fixture
def away(shop: Shop, data: Path) -> Iterator[FlaskClient]:
    """A client of a web process whose intake is not there."""
    books = engine.open_existing(whereabouts.place(data), read_only=True)
    client = create_app(books, Caller(data / SOCKET_NAME)).test_client()
    token = (data / "operator-token").read_text().strip()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    yield client
    books.close()


@pytest.mark.parametrize(
    "method, path, body",
    [
        ("POST", "/kiosks", KIOSK),
        ("GET", "/kiosks", None),
        ("GET", "/intake", None),
        ("POST", "/cards", {"reader": "usb", "amount_fen": 1}),
        ("POST", "/cards/04010203/lost", None),
    ],
)
def test_what_needs_the_intake_is_put_off(
    away: FlaskClient, method: str, path: str, body: dict[str, object] | None
) -> None:
    answer = away.open("/api/v1" + path, method=method, json=body)
    assert "nothing was done" in error(answer, 503, "away")
    assert answer.headers["Retry-After"] == str(RETRY_AFTER_S)


def test_without_the_intake_the_books_can_be_looked_at_and_health_says_no(away: FlaskClient) -> None:
    for path in ("/cards", "/ledger/lines", "/alarms", "/suspects"):
        assert away.get("/api/v1" + path).status_code == 200
    health = away.get("/api/v1/health")
    assert (health.status_code, health.headers["Retry-After"]) == (503, str(RETRY_AFTER_S))
    assert health.json == {"ok": False, "mqtt": False, "version": VERSION}


def test_an_intake_whose_queue_is_full_does_nothing_and_says_so(
    client: FlaskClient, service: Service, shop: Shop
) -> None:
    uid = shop.card().uid.hex()
    for _ in range(WAITING_MAX):
        service.intake.push()
    for path, body in (("/kiosks", KIOSK), (f"/cards/{uid}/lost", None)):
        answer = client.post("/api/v1" + path, json=body)
        assert "nothing was done" in error(answer, 503, "busy")
        assert answer.headers["Retry-After"] == str(RETRY_AFTER_S)
    assert client.get("/api/v1/kiosks").json == []
    assert (client.get(f"/api/v1/cards/{uid}").json or {})["state"] == "active"


@pytest.mark.parametrize("token", ["", "wrong", None, 5])
@pytest.mark.parametrize("call", [name for name, call in CALLS.items() if call.changes and name != "login"])
def test_the_web_process_itself_may_change_nothing(
    service: Service, data: Path, call: str, token: object
) -> None:
    caller = Caller(data / SOCKET_NAME)
    with pytest.raises(Refused) as caught:
        caller.call(call, token=token, body=KIOSK, uid="04010203")
    assert (caught.value.status, caught.value.code) == (401, "token")
    caller.close()
