import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from host.ledger import accounts
from host.serve import THREADS
from host.worker import REQUEST_S
from protocol.wire.messages import ACK
from simulator.broker import Broker, free_port
from simulator.leash import Leash
from tests.host.process import Host, refuses, run
from tests.host.rig import Shop
from tests.host.terminals.online import OnLine
from tests.waiting import until


@pytest.fixture
def data(shop: Shop) -> Path:
    return shop.opened.data


@pytest.fixture
def iotcore(tmp_path: Path, leash: Leash) -> Iterator[Broker]:
    broker = Broker(tmp_path, leash, "iotcore")
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def host(data: Path, iotcore: Broker) -> Iterator[Host]:
    host = Host(data, iotcore.port)
    yield host
    host.close()


@pytest.fixture
def online(shop: Shop, iotcore: Broker) -> Iterator[OnLine]:
    """A kiosk that the books knew before the host was started."""
    online = OnLine(shop.kiosk(), iotcore.port)
    yield online
    online.stop()


def test_a_second_host_on_the_same_books_is_refused(host: Host, data: Path) -> None:
    assert "Another host serves" in refuses(4, "serve", "--data", str(data), "--port", "0")
    assert host.get("/health")["ok"]


def test_without_a_broker_http_still_answers_and_the_log_has_one_sentence(data: Path) -> None:
    host = Host(data, free_port())
    try:
        assert host.get("/health")["mqtt"] is False
        assert host.get("/cards") == []
        assert host.end() == 0
        assert host.said().count("the broker does not answer") == 1
    finally:
        host.close()


def test_requests_that_are_sent_by_half_give_their_threads_back(data: Path) -> None:
    host = Host(data, free_port())
    halves = [b"GET / HTTP/1.1\r\nX: ", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"]
    sockets = []
    try:
        for n in range(THREADS + 1):
            sockets.append(socket.create_connection(("127.0.0.1", host.port)))
            sockets[-1].sendall(halves[n % 2])
        with host.open("/health", timeout_s=2 * REQUEST_S) as answer:
            assert answer.status == 200
        sockets[0].settimeout(2 * REQUEST_S)
        assert sockets[0].recv(1) == b"", "hung up on"
    finally:
        for half in sockets:
            half.close()
        host.close()


def test_the_logs_can_be_json(data: Path) -> None:
    host = Host(data, free_port(), "--log-format", "json")
    try:
        host.end()
        assert all("event" in json.loads(line) for line in host.said().splitlines())
    finally:
        host.close()


def say_hello(online: OnLine, host: Host) -> None:
    until(lambda: host.get("/health")["mqtt"])
    online.say(online.kiosk.hello())
    until(lambda: online.heard(ACK))


def test_a_sale_is_booked_streamed_and_verified_across_processes(
    shop: Shop, online: OnLine, host: Host
) -> None:
    card = shop.card()
    say_hello(online, host)
    with host.open(f"/ledger/stream?after={host.get('/ledger/lines')['last']}") as stream:
        online.say(shop.sale(online.kiosk, card))
        until(lambda: online.acknowledged(1))
        lines = [stream.readline() for _ in range(5)]
    assert any(b'"kind": "sale"' in line for line in lines)
    assert host.get("/kiosks")[0]["last_counter"] == 1
    done = run("verify", "--data", str(shop.opened.data), "--json")
    assert done.returncode == 0
    result = json.loads(done.stdout)
    assert result["ok"] and result["cards"][0]["balance_fen"] == 7500


def test_sigterm_ends_open_streams_and_leaves_nothing_behind(online: OnLine, host: Host) -> None:
    say_hello(online, host)
    with host.open("/ledger/stream") as stream:
        assert stream.readline() == b": open\n"
        assert host.end() == 0
        stream.read()  # comes to its end instead of waiting for ever
    with pytest.raises(ProcessLookupError):
        os.killpg(host.process.pid, 0)


def test_sigterm_in_the_middle_of_a_flood_loses_nothing(
    shop: Shop, online: OnLine, host: Host, iotcore: Broker
) -> None:
    card = shop.card(10_000)
    say_hello(online, host)
    sales = [shop.sale(online.kiosk, card, 1) for _ in range(200)]
    for sale in sales:
        online.client.publish(online.kiosk.topic, sale, qos=1)
    until(lambda: online.acknowledged(1))
    assert host.end() == 0
    held = max(values["upto"] for kind, values in online.kiosk.inbox if kind == ACK)
    assert shop.query("SELECT count(*) FROM reports")[0][0] >= held
    again = Host(shop.opened.data, iotcore.port)
    try:
        for sale in sales:
            online.say(sale)
        until(lambda: online.acknowledged(200))
        assert shop.look(accounts.card_balance, card.uid, 1) == 9800
    finally:
        again.close()


def test_kill_9_takes_the_worker_along_and_nothing_acknowledged_is_lost(
    shop: Shop, online: OnLine, host: Host, iotcore: Broker
) -> None:
    card = shop.card(10_000)
    say_hello(online, host)
    sales = [shop.sale(online.kiosk, card, 1) for _ in range(100)]
    for sale in sales:
        online.client.publish(online.kiosk.topic, sale, qos=1)
    until(lambda: online.acknowledged(1))
    assert host.end(signal.SIGKILL) == -signal.SIGKILL
    held = max(values["upto"] for kind, values in online.kiosk.inbox if kind == ACK)
    again = Host(shop.opened.data, iotcore.port)  # waits for the lock of the worker that is dying
    try:
        assert shop.query("SELECT count(*) FROM reports")[0][0] >= held
        for sale in sales:
            online.say(sale)
        until(lambda: online.acknowledged(100))
        done = json.loads(run("verify", "--data", str(shop.opened.data), "--json").stdout)
        assert done["ok"] and done["cards"][0]["balance_fen"] == 9900
    finally:
        again.close()
