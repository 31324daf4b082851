"""Certificates that are over or revoked, at the brokers that ask for them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from host.terminals.line import authority
from simulator.leash import Leash
from simulator.network import Network
from tests import brokers
from tests.brokers import NAME
from tests.firmware.net.over_there import Host, Station, TimeServer
from tests.firmware.net.test_brokers import GIVEN, OURS


@pytest.mark.parametrize("kind", brokers.TLS)
def test_an_expired_certificate_is_refused_and_another_clock_is_asked(
    kind: str, tmp_path: Path, leash: Leash, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authority, "BROKER_DAYS", -1)
    broker, clock = special(kind, tmp_path, leash, []), TimeServer()
    station = Station(tmp_path, {"port": broker.port, **GIVEN, "ntp": "127.0.0.1"}, time=clock.port)
    said = "link: tls: the broker's certificate is not valid at this kiosk's time"
    station.says(said, f"hint {clock.SAYS_S}", said)
    assert "online" not in station.said
    station.stop()
    clock.stop()
    brokers.end(broker)


@pytest.mark.parametrize("kind", brokers.TLS)
def test_a_kiosk_whose_certificate_is_over_is_not_let_in(
    kind: str, tmp_path: Path, leash: Leash, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = special(kind, tmp_path, leash, [])
    monkeypatch.setattr(authority, "CLIENT_END", authority.BEGIN + timedelta(days=1))
    station = Station(tmp_path, {"port": broker.port, **OURS.given("K1", 1, 1, NAME)})
    station.says("link: tls: the broker broke off", timeout_s=40)
    assert "online" not in station.said
    station.stop()
    brokers.end(broker)


@pytest.mark.parametrize("kind", ["mosquitto", "rabbitmq"])
def test_a_revoked_kiosk_is_not_let_in_and_its_next_life_is(kind: str, tmp_path: Path, leash: Leash) -> None:
    """NATS and iotcore know no list of revoked certificates."""
    broker = special(kind, tmp_path, leash, [(1, 1)])
    host = Host(broker.port, OURS)
    station = Station(tmp_path, {"port": broker.port, **GIVEN})
    station.says("link: tls: the broker broke off: is this kiosk revoked", timeout_s=40)
    assert "online" not in station.said
    station.stop()
    station = Station(tmp_path, {"port": broker.port, **OURS.given("K1", 1, 2, NAME)})
    station.says("online")
    station.stop()
    host.stop()
    brokers.end(broker)


def test_rabbitmq_takes_a_new_list_without_a_restart(tmp_path: Path, leash: Leash) -> None:
    """Who is connected stays so; nobody on the list comes in again."""
    broker = special("rabbitmq", tmp_path, leash, [])
    host = Host(broker.port, OURS)
    network = Network(broker.port, seed=5, stall_ms=(20, 100))
    network.start()
    station = Station(tmp_path, {"port": network.port, **GIVEN})
    at = station.says("online", timeout_s=40)
    (tmp_path / "revoked.crl").write_bytes(OURS.revoked([(1, 1)]))
    broker.take_list()
    network.cut(reset=True)
    at = station.says("offline", after=at)
    network.back()
    station.says("link: tls: the broker broke off", after=at, timeout_s=40)
    station.stop()
    network.stop()
    host.stop()
    brokers.end(broker)


def special(kind: str, folder: Path, leash: Leash, revoked: list[tuple[int, int]]) -> Any:
    """A broker for one test, with a new certificate."""
    brokers.write_certificates(folder, OURS, revoked)
    broker = brokers.broker(kind, folder, leash)
    broker.start()
    return broker
