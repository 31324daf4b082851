from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from host.api.app import create_app
from host.service import Service
from simulator.reader import Field, Pn532, PtyReader
from tests.host.rig import Shop


@pytest.fixture
def service(shop: Shop) -> Service:
    """Wired, but not started: nothing is taken and nothing is sent."""
    return Service(shop.opened, "127.0.0.1", 1883)


@pytest.fixture
def client(shop: Shop, service: Service) -> Iterator[FlaskClient]:
    client = create_app(service).test_client()
    token = (shop.opened.data / "operator-token").read_text().strip()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    yield client


@pytest.fixture
def desk() -> Iterator[tuple[Field, str]]:
    field = Field()
    reader = PtyReader(Pn532(field))
    reader.start()
    yield field, f"tty:{reader.path}"
    reader.stop()
