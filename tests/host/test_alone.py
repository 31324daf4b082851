"""Of the hosts that are started on the same books only the first one serves."""

import os
import shutil
from pathlib import Path

import psycopg
import pytest

from host import folder
from host.db import lease
from host.db.engine import Database
from host.db.whereabouts import FILE_NAME
from host.errors import HostError
from simulator.broker import Broker
from simulator.leash import Leash
from simulator.postgres import Postgres
from tests.host.flood import say_hello
from tests.host.process import Host, refuses
from tests.host.rig import open_shop
from tests.host.terminals.line.online import OnLine
from tests.waiting import until


@pytest.fixture
def broker_kind() -> str:
    return "iotcore"


def twin(data: Path) -> Path:
    """A second data folder with the same keys and without books."""
    copied = data.with_name("twin")
    shutil.copytree(data, copied, ignore=shutil.ignore_patterns("*.sock", FILE_NAME + "*"))
    return copied


def test_two_folders_that_link_to_one_file(host: Host, data: Path) -> None:
    other = twin(data)
    (other / FILE_NAME).symlink_to(data / FILE_NAME)
    sentence = refuses(4, "serve", "--data", str(other), "--port", "0")
    assert "Another host serves" in sentence
    assert host.get("/health")["ok"]


def test_two_links_to_a_file_that_lies_elsewhere(data: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "books"
    elsewhere.mkdir()
    (data / FILE_NAME).rename(elsewhere / FILE_NAME)
    other = twin(data)
    for place in (data, other):
        (place / FILE_NAME).symlink_to(elsewhere / FILE_NAME)
    refused = pytest.raises(HostError, match=r"Another host serves .*twin")
    with folder.lock(data), refused, folder.lock(other):
        pass
    with folder.lock(other):
        pass


def test_a_file_under_two_names_is_not_served(data: Path) -> None:
    os.link(data / FILE_NAME, data / "copy.db")
    assert "several names" in refuses(4, "serve", "--data", str(data), "--port", "0")
    (data / "copy.db").unlink()
    with folder.lock(data):
        pass


def test_two_folders_with_the_address_of_one_postgresql_database(
    postgres_url: str, tmp_path: Path, broker: Broker, leash: Leash
) -> None:
    data = tmp_path / "first"
    open_shop(data, postgres_url).opened.database.close()
    host = Host(data, broker.port, leash)
    try:
        sentence = refuses(4, "serve", "--data", str(twin(data)), "--port", "0")
        assert "Another host serves postgresql://" in sentence and "@" not in sentence
        assert host.get("/health")["ok"]
    finally:
        host.close()


def test_partitions_have_a_lease_each_and_a_dead_holder_is_waited_for(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = lease.take(Database(postgres_url, writer=1))
    other = lease.take(Database(postgres_url, writer=2))
    assert first is not None and other is not None
    with monkeypatch.context() as patched:
        patched.setattr(lease, "WAIT_S", 0.1)
        with pytest.raises(HostError, match="Another host serves"):
            lease.take(Database(postgres_url, writer=1))
    first.close()
    again = lease.take(Database(postgres_url, writer=1))
    assert again is not None
    again.close()
    other.close()


def test_an_intake_that_loses_its_lease_ends_and_another_goes_on(
    durable_postgres: Postgres, tmp_path: Path, broker: Broker, leash: Leash
) -> None:
    data = tmp_path / "data"
    url = durable_postgres.create("books")
    shop = open_shop(data, url)
    card = shop.card()
    online = OnLine(shop.kiosk(), broker.port)
    host = Host(data, broker.port, leash)
    try:
        say_hello(online, host)
        former = host.pid("intake")
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
        until(lambda: host.pid("intake") != former)
        online.insist(shop.sale(online.kiosk, card), 1)
        durable_postgres.kill()
        until(lambda: host.said().count("the lock on the books is lost") == 2)
        durable_postgres.start()
        online.insist(shop.sale(online.kiosk, card), 2)
        assert shop.query("SELECT count(*) FROM reports") == [(2,)]
        assert "Traceback" not in host.said()
    finally:
        online.stop()
        host.close()
        shop.opened.database.close()
