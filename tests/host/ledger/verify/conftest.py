import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from host.db import engine
from tests.host.rig import Shop, open_shop

SERVER = "TAPLEDGER_TEST_POSTGRES"  # an address where databases may be created


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """A shop on each engine."""
    data = tmp_path / "data"
    if request.param == "sqlite":
        yield open_shop(data)
        return
    server = os.environ.get(SERVER)  # PENDING: the fixture `postgres_url` in its place
    if server is None:
        pytest.skip("needs apt package postgresql")
    name = f"verify_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        connection.execute(f"CREATE DATABASE {name}".encode())
    data.mkdir()
    (data / engine.ADDRESS).write_text(f"{server.rpartition('/')[0]}/{name}")
    shop = open_shop(data)
    yield shop
    shop.opened.database.close()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
