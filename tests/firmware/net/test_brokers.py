"""A kiosk's link against brokers of four makers, and against what goes wrong between them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from host.cards.keeper.file_store import FileStore
from host.cards.keeper.keeper import Keeper
from host.terminals.authority import Authority
from simulator.leash import Leash
from simulator.network import Network
from tests import brokers
from tests.brokers import KINDS, NAME, Rabbit
from tests.firmware.net.over_there import Host, Station
from tests.waiting import until

OURS = Authority(Keeper(FileStore(Path("ours"), {"authority": {1: b"a" * 32}})))
OTHER = Authority(Keeper(FileStore(Path("other"), {"authority": {1: b"b" * 32}})))


@dataclass
class Stand:
    """A running broker, the way to it, the host behind it, and kiosks to be started."""

    kind: str
    broker: Any
    network: Network
    host: Host
    start: Callable[..., Station]

    @property
    def is_secure(self) -> bool:
        return self.kind in brokers.TLS


@pytest.fixture(scope="module", params=KINDS)
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Any]]:
    kind = str(request.param)
    folder, leash = tmp_path_factory.mktemp(kind), Leash()
    brokers.write_certificates(folder, OURS)
    broker = brokers.broker(kind, folder, leash)
    broker.start()
    yield kind, broker
    if isinstance(broker, Rabbit):
        broker.end()
    broker.stop()
    leash.close()


@pytest.fixture
def stand(running: tuple[str, Any], tmp_path: Path) -> Iterator[Stand]:
    kind, broker = running
    network = Network(broker.port, seed=5, stall_ms=(20, 100))
    network.start()
    host = Host(broker.port, OURS if kind in brokers.TLS else None)
    started: list[Station] = []

    def start(reports: int = 0, names: int = 0, **changed: Any) -> Station:
        given = {"port": network.port}
        if kind in brokers.TLS:
            given |= OURS.given("K1", 1, 1, NAME)
        started.append(Station(tmp_path, given | changed, reports, names))
        return started[-1]

    yield Stand(kind, broker, network, host, start)
    for station in started:
        station.stop()
    host.stop()
    network.stop()


def test_connects_drains_its_journal_and_its_will_says_when_it_is_gone(stand: Stand) -> None:
    station = stand.start(reports=40)
    station.says("online")
    station.says("pending 0")
    assert set(stand.host.held) == set(range(1, 41))
    station.stop()
    until(lambda: stand.host.statuses[-2:] == [b"online", b"offline"])


def test_a_cut_connection_is_resumed_with_what_came_meanwhile(stand: Stand) -> None:
    station = stand.start(reports=1)
    at = max(station.says("online"), station.says("pending 0"))
    nonces = set(stand.host.nonces)
    stand.network.cut(reset=True)
    at = station.says("offline", after=at)
    stand.host.acknowledge()  # the broker keeps it
    stand.network.back()
    at = station.says("online", after=at)
    if stand.kind != "iotcore":
        assert set(stand.host.nonces) == nonces and station.said.count("begun") == 1
    assert "refused" not in " ".join(station.said)
