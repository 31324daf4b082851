import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from host.cards import keeper
from host.db import engine
from simulator.broker import Broker
from tests.host.rig import Shop, open_shop
from tests.host.terminals.online import OnLine

NUMBERS = itertools.count(1)


@pytest.fixture(autouse=True)
def light_kdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """The passphrase is stretched with the least memory Argon2id allows: these tests open many key files."""
    monkeypatch.setattr(keeper, "KDF", {**keeper.KDF, "iterations": 1, "memory_kib": 64})


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return open_shop(tmp_path / "data")


@pytest.fixture
def data(shop: Shop) -> Path:
    return shop.opened.data


@pytest.fixture
def online(shop: Shop, broker: Broker) -> Iterator[OnLine]:
    """A kiosk that the books know, at the broker."""
    online = OnLine(shop.kiosk(), broker.port)
    yield online
    online.stop()


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A new, empty database on the server at TAPLEDGER_TEST_POSTGRES."""
    server = os.environ.get("TAPLEDGER_TEST_POSTGRES")
    if not server:
        pytest.skip("needs TAPLEDGER_TEST_POSTGRES, the address of a PostgreSQL database")
    name = f"test_{os.getpid()}_{next(NUMBERS)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield f"{server.rpartition('/')[0]}/{name}"
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where new books may be made: a file, then a database."""
    if request.param == "sqlite":
        return tmp_path / "books.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def database(place: Path | str) -> Iterator[engine.Database]:
    """New books on each engine."""
    made = engine.create_or_open(place)
    yield made
    made.close()
