import json
import threading

from flask.testing import FlaskClient
from pytest_mock import MockerFixture

from host.api import ledger
from host.db.engine import Database
from host.service import Service
from tests.host.api.answers import error
from tests.host.rig import Shop


def test_ledger_lines_are_paged(shop: Shop, client: FlaskClient) -> None:
    kiosk, card = shop.connected(), shop.card()
    shop.tell(kiosk, shop.sale(kiosk, card))
    all_lines = (client.get("/api/v1/ledger/lines").json or {})["lines"]
    assert [line["account"] for line in all_lines] == ["cash", "card", "card", "sales"]
    sale = all_lines[2]
    assert sale["what"] == {"zh": "消费", "en": "sale"}
    assert (sale["amount_fen"], sale["balance_after_fen"], sale["kiosk"]) == (-2500, 7500, "K1")
    assert sale["card"] == card.uid.hex().upper() and sale["reference"].endswith(".1.2")
    paged = client.get("/api/v1/ledger/lines?after=2&limit=1").json
    assert paged == {"lines": [sale], "last": 4}
    for query in ("after=-1", "after=x", "limit=0", "limit=501", "after=1e3", "after=" + "9" * 30, "after=²"):
        error(client.get("/api/v1/ledger/lines?" + query), 400, "field")


def test_the_stream_gives_what_is_there_and_then_what_comes(shop: Shop, books: Database) -> None:
    kiosk, card = shop.connected(), shop.card()
    stream = ledger.events(books, 1)
    assert next(stream) == ": open\n\n"
    assert next(stream).startswith("id: 2\nevent: line\ndata: {")
    sale = shop.sale(kiosk, card)
    timer = threading.Timer(0.05, lambda: shop.tell(kiosk, sale))
    timer.start()
    found = json.loads(next(stream).split("data: ")[1])
    timer.join()
    assert (found["id"], found["amount_fen"]) == (3, -2500)
    assert next(stream).startswith("id: 4")
    books.bell.close()
    assert list(stream) == []


def test_a_quiet_stream_is_kept_alive(shop: Shop, mocker: MockerFixture) -> None:
    mocker.patch.object(ledger, "KEEP_ALIVE_S", 0.01)
    stream = ledger.events(shop.opened.database, 0)
    assert [next(stream) for _ in range(3)] == [": open\n\n", ": still here\n\n", ": still here\n\n"]


def test_streams_are_limited_and_their_places_given_back(client: FlaskClient) -> None:
    streams = [client.get("/api/v1/ledger/stream", buffered=False) for _ in range(ledger.STREAMS_MAX)]
    error(client.get("/api/v1/ledger/stream"), 503, "streams")
    streams.pop().close()
    streams.append(client.get("/api/v1/ledger/stream", buffered=False))
    assert streams[-1].status_code == 200
    for stream in streams:
        stream.close()


def test_alarms_refusals_and_promises_are_shown(shop: Shop, client: FlaskClient, service: Service) -> None:
    kiosk = shop.connected()
    shop.tell(kiosk, kiosk.hello(nonce=b"nonce--2", epoch=9))
    (alarm,) = (client.get("/api/v1/alarms").json or {})["alarms"]
    assert (alarm["code"], alarm["subject"]) == ("flash-went-back", "K1")
    other = shop.connected("K2")
    shop.tell(other, other.hello(nonce=b"nonce--3", epoch=9))
    newest, older = (client.get("/api/v1/alarms").json or {})["alarms"]
    assert older == alarm and newest["id"] > older["id"]
    assert client.get(f"/api/v1/alarms?before={newest['id']}").json == {"alarms": [older]}
    assert client.get("/api/v1/alarms?limit=1").json == {"alarms": [newest]}
    service.intake.rejections.add("mac", "x", 3, "MAC is wrong")
    assert (client.get("/api/v1/intake").json or {})["refused"]["counts"] == {"mac": 1}
    assert (client.post("/api/v1/verify").json or {})["ok"] is True
