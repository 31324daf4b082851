"""Both brokers start, stop and start again on their port; the observer does what anyone can."""

import socket
from pathlib import Path

import pytest

from protocol.wire import topics
from simulator.broker import Broker, listens
from simulator.child import ChildError
from simulator.leash import Leash
from simulator.observer import Observer, ObserverError
from tests.waiting import until


def test_a_broker_keeps_its_port_over_a_restart(broker: Broker) -> None:
    port = broker.port
    assert listens(port)
    broker.stop()
    assert not listens(port)
    broker.start()
    assert listens(port)
    assert broker.port == port


def test_it_listens_on_this_machine_only(broker: Broker) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
        # Another address of the machine: on Linux all of 127/8 is the machine itself.
        assert other.connect_ex(("127.0.0.2", broker.port)) != 0


def test_the_observer_keeps_the_newest_and_can_play_them_again(broker: Broker) -> None:
    observer = Observer(broker.port)
    observer.start()
    try:
        for text in (b"one", b"two", b"three"):
            observer.publish_up("K1", text)
        until(lambda: observer.last_up("K1", 9) == [b"one", b"two", b"three"])
        assert observer.last_up("K1", 2) == [b"two", b"three"]
        assert observer.last_up("K2", 2) == []
        until(lambda: observer.quiet_s() > 0.2)
        broker.stop()
        until(lambda: not observer._ready.is_set())
        broker.start()
        observer.wait_ready()
        observer.publish_up("K1", b"four")
        until(lambda: observer.last_up("K1", 1) == [b"four"])
    finally:
        observer.stop()


def test_without_a_broker_the_observer_says_so(refusing_port: int) -> None:
    with pytest.raises(ObserverError, match=f"no broker on 127.0.0.1:{refusing_port}"):
        Observer(refusing_port).start()


def test_a_broker_that_does_not_start_is_named_with_its_log(
    tmp_path: Path, leash: Leash, monkeypatch
) -> None:
    broker = Broker(tmp_path, leash, "iotcore")
    says = "import sys; raise SystemExit(f'no rust today on {sys.argv[1]}')"
    monkeypatch.setattr("simulator.broker._IOTCORE", says)
    # The port that is named is the one that was tried last.
    sentence = r"iotcore did not start on 127\.0\.0\.1:(\d+): no rust today on \1\..*broker\.log"
    with pytest.raises(ChildError, match=sentence):
        broker.start()


def test_a_port_that_others_took_meanwhile_is_given_up(tmp_path: Path, leash: Leash) -> None:
    broker = Broker(tmp_path, leash, "iotcore")
    taken = broker.port
    with socket.socket() as other:
        other.bind(("127.0.0.1", taken))
        broker.start()
        assert broker.port != taken
    broker.stop()


def test_after_an_outage_nobody_is_online_who_does_not_say_so_again(broker: Broker) -> None:
    observer = Observer(broker.port)
    observer.start()
    try:
        observer._client.publish(topics.status("K1"), b"online", qos=1)
        until(lambda: observer.online("K1"))
        assert not observer.linked("K1")
        observer._client.publish(topics.down("K1"), b"welcome", qos=1)
        until(lambda: observer.linked("K1"))
        broker.stop()
        until(lambda: not observer.online("K1") and not observer.linked("K1"))
        broker.start()
        observer.wait_ready()
        observer._client.publish(topics.down("K1"), b"welcome", qos=1)
        observer._client.publish(topics.status("K1"), b"online", qos=1)
        until(lambda: observer.online("K1"))
        assert not observer.linked("K1")  # what was sent before is no answer
    finally:
        observer.stop()
