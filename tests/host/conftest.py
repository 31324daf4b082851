from collections.abc import Iterator
from pathlib import Path

import pytest

from host.cards import pins
from host.cards.keeper import sealed
from host.db.engine import Database, create_or_open
from host.operators import password
from simulator.broker import Broker
from simulator.leash import Leash
from tests.host import mounts
from tests.host.flood import Flood, say_hello
from tests.host.process import Host, Start
from tests.host.rig import Shop, empty_books, open_shop
from tests.host.terminals.line.online import OnLine
from tests.host.terminals.relay.terminal import Terminals

collect_ignore = [] if mounts.may_mount() else ["test_mounts.py"]


@pytest.fixture(autouse=True)
def light_kdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """The passphrase is stretched with the least memory Argon2id allows: these tests open many key files.
    And so are passwords."""
    monkeypatch.setattr(sealed, "KDF", {**sealed.KDF, "iterations": 1, "memory_kib": 64})
    monkeypatch.setattr(pins, "KDF", {**pins.KDF, "iterations": 1, "memory_kib": 64})
    monkeypatch.setattr(password, "KDF", {**password.KDF, "iterations": 1, "memory_kib": 64})


@pytest.fixture
def engine() -> str:
    """Where the books are. Folders whose tests hold for both engines say so in a conftest of their own."""
    return "sqlite"


@pytest.fixture
def terminals(shop: Shop) -> Iterator[Terminals]:
    """Terminals without a broker."""
    made = Terminals(shop)
    yield made
    made.relay.stop()


@pytest.fixture
def shop(tmp_path: Path, engine: str, request: pytest.FixtureRequest) -> Iterator[Shop]:
    url = request.getfixturevalue("books_url") if engine == "postgresql" else None
    shop = open_shop(tmp_path / "data", url)
    yield shop
    shop.opened.database.close()


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
def start(data: Path, leash: Leash) -> Iterator[Start]:
    """start(broker_port, *arguments): hosts on the shop's books; whatever still runs is killed at the end."""
    started: list[Host] = []

    def one(broker_port: int, *arguments: str) -> Host:
        started.append(Host(data, broker_port, leash, *arguments))
        return started[-1]

    yield one
    for host in started:
        host.close()


@pytest.fixture
def host(start: Start, broker: Broker) -> Host:
    return start(broker.port)


@pytest.fixture
def flood(shop: Shop, online: OnLine, host: Host) -> Flood:
    card = shop.card(10_000)
    say_hello(online, host)
    return Flood(shop, online, card, [shop.sale(online.kiosk, card, 1) for _ in range(200)])


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where new books may be made: a file, then a database. For the fixture `database`, with our tables."""
    made = "database" in request.fixturenames
    if request.param == "sqlite":
        if made:
            (tmp_path / "books.db").write_bytes(empty_books())
        return tmp_path / "books.db"
    return str(request.getfixturevalue("books_url" if made else "postgres_url"))


@pytest.fixture
def database(place: Path | str) -> Iterator[Database]:
    """New books on each engine."""
    made = create_or_open(place)
    yield made
    made.close()
