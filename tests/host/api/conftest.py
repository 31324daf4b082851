from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from host.api.app import create_app
from host.db import engine, whereabouts
from host.db.engine import Database
from host.intercom import SOCKET_NAME
from host.intercom.client import Caller, News
from host.intercom.server import Server, listen
from host.processes import handlers
from host.service import Service
from simulator.reader import Field, Pn532, PtyReader
from tests.host.rig import Shop


@pytest.fixture
def service(shop: Shop, data: Path) -> Iterator[Service]:
    """Wired and asked over its socket, but not started: nothing is taken and nothing is sent."""
    service = Service(shop.opened, "127.0.0.1", 1883)
    with listen(data) as listener:
        server = Server(listener, handlers.table(service), service.database.bell)
        server.start()
        yield service
        server.stop(5)


@pytest.fixture
def books(service: Service, data: Path) -> Iterator[Database]:
    """The books as the web process has them: to look at, with a bell that the intake's news ring."""
    books = engine.open_existing(whereabouts.place(data), read_only=True)
    news = News(data / SOCKET_NAME, books.bell)
    news.start()
    yield books
    news.stop()
    books.close()


@pytest.fixture
def client(data: Path, books: Database) -> Iterator[FlaskClient]:
    intake = Caller(data / SOCKET_NAME)
    client = create_app(books, intake).test_client()
    token = (data / "operator-token").read_text().strip()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    yield client
    intake.close()


@pytest.fixture
def desk() -> Iterator[tuple[Field, str]]:
    field = Field()
    reader = PtyReader(Pn532(field))
    reader.start()
    yield field, f"tty:{reader.path}"
    reader.stop()
