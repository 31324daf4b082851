from collections.abc import Iterator
from pathlib import Path

import pytest

from host.cards import keeper
from simulator.broker import Broker
from tests.host.rig import Shop, open_shop
from tests.host.terminals.online import OnLine


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
