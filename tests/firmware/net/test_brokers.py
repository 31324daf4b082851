"""A kiosk's link against brokers of four makers, and against what goes wrong between them."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from host.cards.keeper.file_store import FileStore
from host.cards.keeper.keeper import Keeper
from host.terminals.line.authority import Authority
from simulator.leash import Leash
from simulator.network import Network
from tests import brokers
from tests.brokers import KINDS, NAME
from tests.firmware.net.over_there import KEEPALIVE_S, Host, NameServer, Station
from tests.waiting import until

PACE = 2
OURS = Authority(Keeper(FileStore(Path("ours"), {"authority": {1: b"a" * 32}})))
GIVEN = OURS.given("K1", 1, 1, NAME)
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


class Street:
    """The brokers of these tests, each started when it is first needed."""

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self._folders, self._leash = folders, Leash()
        self._running: dict[str, Any] = {}

    def __getitem__(self, kind: str) -> Any:
        if kind not in self._running:
            folder = self._folders.mktemp(kind)
            brokers.write_certificates(folder, OURS)
            broker = brokers.broker(kind, folder, self._leash)
            broker.start()
            self._running[kind] = broker
        return self._running[kind]

    def stop(self) -> None:
        for broker in self._running.values():
            brokers.end(broker)
        self._leash.close()


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    street = Street(tmp_path_factory)
    yield street
    street.stop()


@contextmanager
def standing(kind: str, broker: Any, folder: Path) -> Iterator[Stand]:
    network = Network(broker.port, seed=5, stall_ms=(20, 100))
    network.start()
    host = Host(broker.port, OURS if kind in brokers.TLS else None)
    started: list[Station] = []

    def start(
        reports: int = 0, names: int = 0, keepalive: int = KEEPALIVE_S, pace: int = 1, **changed: Any
    ) -> Station:
        given = {"port": network.port}
        if kind in brokers.TLS:
            given |= GIVEN
        started.append(Station(folder / kind, given | changed, reports, names, keepalive, pace=pace))
        return started[-1]

    (folder / kind).mkdir()
    try:
        yield Stand(kind, broker, network, host, start)
    finally:
        for station in started:
            station.stop()
        host.stop()
        network.stop()


@pytest.fixture(params=KINDS)
def stand(request: pytest.FixtureRequest, street: Street, tmp_path: Path) -> Iterator[Stand]:
    kind = str(request.param)
    with standing(kind, street[kind], tmp_path) as made:
        yield made


@pytest.fixture
def portal() -> Iterator[int]:
    """A captive portal on 127.0.0.2: says in HTTP that one has to log in, whatever is asked; its port."""
    with socket.socket() as door:
        door.bind(("127.0.0.2", 0))
        door.listen()

        def serve() -> None:
            while True:
                try:
                    guest, _ = door.accept()
                except OSError:
                    return
                guest.recv(4096)
                guest.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\n\r\n")
                guest.close()

        threading.Thread(target=serve, daemon=True).start()
        yield int(door.getsockname()[1])
        door.shutdown(socket.SHUT_RDWR)


def test_connects_drains_its_journal_and_its_will_says_when_it_is_gone(stand: Stand) -> None:
    station = stand.start(reports=40)
    station.says("online")
    station.says("pending 0")
    assert set(stand.host.held) == set(range(1, 41))
    station.stop()
    until(lambda: stand.host.statuses[-2:] == [b"online", b"offline"])


def test_a_cut_connection_is_resumed_with_what_came_meanwhile(stand: Stand) -> None:
    stand.host.acknowledges = False
    station = stand.start(reports=1)
    at = station.says("online")
    until(lambda: stand.host.held)
    nonces = set(stand.host.nonces)
    stand.network.cut(reset=True)
    at = station.says("offline", after=at)
    stand.host.acknowledge()  # the broker keeps it
    stand.network.back()
    if stand.kind == "iotcore":  # which forgets the session
        stand.host.acknowledges = True
    at = station.says("pending 0", after=at)
    station.says("online")
    if stand.kind != "iotcore":
        assert set(stand.host.nonces) == nonces and station.said.count("begun") == 1


def test_a_half_open_connection_is_found_by_the_keep_alive(stand: Stand) -> None:
    """Nothing passes any more and nobody is told, as after a router lost its state."""
    station = stand.start(reports=1)
    at = max(station.says("online"), station.says("pending 0"))
    stand.network.cut()
    began_s = time.monotonic()
    at = station.says("link: host: broker is silent", after=at)
    assert time.monotonic() - began_s < 1.5 * KEEPALIVE_S + 3
    stand.network.back()
    station.says("online", after=at)


def test_with_a_fifth_of_the_packets_lost_everything_arrives(stand: Stand) -> None:
    station = stand.start()
    station.says("online")
    station.stop()
    stand.network.lossy(0.2)
    station = stand.start(reports=200)
    station.says("pending 0", timeout_s=60)
    assert set(stand.host.held) == set(range(1, 201))
    assert stand.network.counts.stalls + stand.network.counts.resets > 0


def test_two_seconds_each_way_are_slow_and_no_fault(street: Street, tmp_path: Path) -> None:
    """All brokers at once: it is only waiting, and half of it: so is all that the kiosk waits for."""
    with ExitStack() as held:
        stands = [held.enter_context(standing(kind, street[kind], tmp_path)) for kind in KINDS]
        for stand in stands:
            stand.network.slow(2000 // PACE)
        stations = [stand.start(reports=40, keepalive=20 // PACE, pace=PACE) for stand in stands]
        for stand, station in zip(stands, stations, strict=True):
            station.says("pending 0", timeout_s=60)
            assert set(stand.host.held) == set(range(1, 41)), stand.kind
            assert station.said.count("offline mqtt") <= 1, (stand.kind, station.said)
            assert station.said.count("online") == 1, (stand.kind, station.said)


def test_names_are_looked_up_when_needed_and_a_captive_portal_is_no_broker(stand: Stand, portal: int) -> None:
    names = NameServer("127.0.0.2")
    if stand.is_secure:
        station = stand.start(names=names.port, host=NAME, port=portal)
        at = station.says("link: tls:")
        assert "online" not in station.said
    else:
        station = stand.start(names=names.port, host=NAME, port=portal)
        at = station.says("link: mqtt: no MQTT broker answers there")
    station.stop()
    names.address = ""
    station = stand.start(names=names.port, host=NAME)
    at = station.says("link: dns: nobody answers who broker.example is")
    names.address = "127.0.0.1"
    at = station.says("online", after=at)
    asked = names.asked
    stand.network.cut(reset=True)
    at = station.says("offline", after=at)
    names.address = "127.0.0.2"
    stand.network.back()
    station.says("online", after=at)
    assert names.asked == asked  # the address that was good last
    names.stop()


@pytest.mark.parametrize("stand", brokers.TLS, indirect=True)  # iotcore has no certificates to be wrong
def test_a_broker_of_another_authority_or_name_is_refused_and_so_is_a_kiosk(stand: Stand) -> None:
    foreign = OTHER.given("K1", 1, 1, NAME)
    stand.start(ca=OTHER.certificate).says("link: tls: the broker's certificate is not of our authority")
    stand.start(server_name="other.example").says("link: tls: the broker's certificate is of another name")
    given = {"certificate": foreign["certificate"], "key": foreign["key"]}
    station = stand.start(**given)
    station.says("link: tls: the broker broke off", timeout_s=40)
    assert not any(said.startswith("online") for said in station.said)


def test_a_restarted_broker_is_found_again(stand: Stand) -> None:
    """The last of each broker's tests: it may take long."""
    station = stand.start(reports=1)
    at = max(station.says("online"), station.says("pending 0"))
    stand.broker.stop()
    at = station.says("link:", "offline tcp", after=at)
    stand.broker.start()
    station.says("online", after=at, timeout_s=40)
