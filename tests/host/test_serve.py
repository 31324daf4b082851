import contextlib
import json
import os
import signal
import socket
from pathlib import Path

import pytest

from host.processes.web import THREADS
from host.processes.worker import REQUEST_S
from host.terminals.intake.ahead import is_worth_it
from simulator.broker import Broker
from tests.host.flood import Flood, say_hello
from tests.host.keyed import journal, keyed_cards
from tests.host.looks import holds
from tests.host.process import Host, Start, refuses, run
from tests.host.rig import Shop
from tests.host.terminals.line.online import OnLine
from tests.waiting import until


@pytest.fixture
def broker_kind() -> str:
    return "iotcore"


def test_a_second_host_on_the_same_books_is_refused(host: Host, data: Path) -> None:
    assert "Another host serves" in refuses(4, "serve", "--data", str(data), "--port", "0")
    assert host.get("/health")["ok"]


def test_without_a_broker_http_still_answers_and_the_log_has_one_sentence(
    start: Start, refusing_port: int
) -> None:
    host = start(refusing_port)
    assert host.get("/health")["mqtt"] is False
    assert host.get("/cards") == []
    assert host.end() == 0
    assert host.said().count("the broker does not answer") == 1


def test_requests_that_are_sent_by_half_give_their_threads_back(start: Start, refusing_port: int) -> None:
    host = start(refusing_port)
    halves = [b"GET / HTTP/1.1\r\nX: ", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"]
    with contextlib.ExitStack() as opened:
        sockets = []
        for n in range(THREADS + 1):
            sockets.append(opened.enter_context(socket.create_connection(("127.0.0.1", host.port))))
            sockets[-1].sendall(halves[n % 2])
        with host.open("/health", timeout_s=6 * REQUEST_S) as answer:
            assert answer.status == 200
        sockets[0].settimeout(6 * REQUEST_S)  # a machine may be busy
        assert sockets[0].recv(1) == b"", "hung up on"


def test_the_logs_can_be_json(start: Start, refusing_port: int) -> None:
    host = start(refusing_port, "--log-format", "json")
    host.end()
    assert all("event" in json.loads(line) for line in host.said().splitlines())


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
    flood: Flood, host: Host, start: Start, broker: Broker
) -> None:
    assert host.end() == 0
    flood.keeps_what_was_acknowledged()
    start(broker.port)
    flood.is_told_again()


def test_kill_9_takes_the_worker_along_and_nothing_acknowledged_is_lost(
    flood: Flood, host: Host, start: Start, broker: Broker
) -> None:
    assert host.end(signal.SIGKILL) == -signal.SIGKILL
    start(broker.port)  # waits for the lock of the worker that is dying
    flood.keeps_what_was_acknowledged()
    flood.is_told_again()


def test_what_waits_is_opened_by_a_process_of_its_own_and_lost_with_none(
    shop: Shop, online: OnLine, host: Host
) -> None:
    if not is_worth_it():
        pytest.skip("one core")
    kiosk, cards = online.kiosk, keyed_cards(shop, 8)
    say_hello(online, host)

    def say_much() -> None:
        for _ in range(10):
            sold = journal(kiosk, [cards[n % len(cards)].pay(kiosk, 1) for n in range(32)])
            online.client.publish(kiosk.topic, sold, qos=1)

    def runs() -> bool:
        if online.acknowledged(kiosk.counter):
            say_much()
        return "the prover process runs" in host.said()

    say_much()
    until(runs, 60)
    os.kill(host.pid("prover"), signal.SIGKILL)
    say_much()
    until(lambda: online.acknowledged(kiosk.counter), 60)
    holds(shop)
