from collections.abc import Iterator
from pathlib import Path

import pytest

from host.cards import keeper
from simulator.broker import Broker, find_mosquitto
from simulator.leash import Leash
from tests.host.rig import Shop, open_shop


@pytest.fixture(autouse=True)
def light_kdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """The passphrase is stretched with the least memory Argon2id allows: these tests open many key files."""
    monkeypatch.setattr(keeper, "KDF", {**keeper.KDF, "iterations": 1, "memory_kib": 64})


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return open_shop(tmp_path / "data")


@pytest.fixture
def leash() -> Iterator[Leash]:
    leash = Leash()
    yield leash
    leash.close()


@pytest.fixture(params=["iotcore", "mosquitto"])
def broker(request: pytest.FixtureRequest, tmp_path: Path, leash: Leash) -> Iterator[Broker]:
    """A real broker of each kind."""
    if request.param == "mosquitto" and find_mosquitto() is None:
        pytest.skip("needs apt package mosquitto")
    broker = Broker(tmp_path, leash, request.param)
    broker.start()
    yield broker
    broker.stop()
