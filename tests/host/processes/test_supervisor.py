"""A host whose processes are killed one by one, as an operator runs it."""

import contextlib
import json
import os
import signal
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest

from host.api.app import RETRY_AFTER_S
from host.intercom import SOCKET_NAME
from simulator.broker import Broker
from simulator.leash import end_group
from tests.host.flood import Flood, say_hello
from tests.host.looks import balance, holds
from tests.host.masters import masters_of
from tests.host.process import Host, Start, refuses
from tests.host.rig import Shop
from tests.host.terminals.line.online import OnLine
from tests.waiting import until


@pytest.fixture
def broker_kind() -> str:
    return "iotcore"


def healthy(host: Host) -> bool:
    """HTTP answers and the intake, and it hears the broker; False for a 503 that says when to come again."""
    try:
        return bool(host.get("/health")["mqtt"])
    except urllib.error.HTTPError as error:
        assert (error.code, error.headers["Retry-After"]) == (503, str(RETRY_AFTER_S))
    except OSError:  # a request whose web process was killed over it
        pass
    return False


def test_a_web_process_that_is_killed_is_started_again(host: Host, data: Path) -> None:
    host.kill("web")
    until(lambda: healthy(host))
    assert host.get("/cards") == []
    assert "Another host serves" in refuses(4, "serve", "--data", str(data), "--port", "0")
    assert host.end() == 0


def test_an_intake_that_is_killed_is_started_again_and_the_next_report_is_booked(
    shop: Shop, online: OnLine, host: Host, data: Path
) -> None:
    card = shop.card()
    say_hello(online, host)
    with host.open("/ledger/stream?after=2") as stream:
        assert stream.readline() == b": open\n"
        host.kill("intake")
        online.insist(shop.sale(online.kiosk, card), 1)
        lines = [stream.readline() for _ in range(5)]
    assert any(b'"kind": "sale"' in line for line in lines), "the stream did not end, and was woken"
    until(lambda: healthy(host))
    assert balance(shop, card) == 7500
    holds(shop)
    assert "Another host serves" in refuses(4, "serve", "--data", str(data), "--port", "0")
    assert host.end() == 0
    assert not (data / SOCKET_NAME).exists()


def test_while_the_intake_is_away_http_waits_or_says_when_to_come_again(host: Host) -> None:
    until(lambda: healthy(host))
    body = {"name": "K1", "price_fen": 2500}
    before = host.pid("intake")
    os.kill(before, signal.SIGKILL)
    made: dict[str, object] = {}

    def asked() -> bool:
        try:
            with host.open("/kiosks", body) as answer:
                made.update(json.load(answer))
        except urllib.error.HTTPError as error:
            assert (error.code, error.headers["Retry-After"]) == (503, str(RETRY_AFTER_S))
            assert json.load(error)["code"] in ("away", "answer-lost")
        return bool(made)

    until(asked)
    assert made["name"] == "K1" and host.pid("intake") != before
    assert [kiosk["name"] for kiosk in host.get("/kiosks")] == ["K1"]


def test_both_killed_in_the_middle_of_a_flood_are_started_again_and_nothing_is_lost(
    flood: Flood, host: Host
) -> None:
    host.kill("intake", "web")
    flood.keeps_what_was_acknowledged()
    until(lambda: healthy(host))
    flood.is_told_again()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_whole_group_ends_it_in_order(
    flood: Flood, host: Host, start: Start, broker: Broker, number: int
) -> None:
    end_group(host.process.pid, number)
    assert host.process.wait(20) == 0
    assert not end_group(host.process.pid, 0), "nothing is left"
    assert "again" not in host.said(), "what ended was not taken for dead"
    flood.keeps_what_was_acknowledged()
    start(broker.port)
    flood.is_told_again()


def test_a_supervisor_that_is_killed_takes_both_along(host: Host) -> None:
    assert host.end(signal.SIGKILL) == -signal.SIGKILL
    until(lambda: not end_group(host.process.pid, 0))


def family(pid: int) -> Iterator[int]:
    """The process and all below it."""
    yield pid
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == pid:
                yield from family(int(path.parent.name))


def holds_in_memory(pid: int, secrets: list[bytes]) -> bool:
    """Is one of the secrets anywhere in what the process may read and write?"""
    maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            span, rights, *_ = line.split()
            if not rights.startswith("rw"):
                continue
            first, last = (int(edge, 16) for edge in span.split("-"))
            memory.seek(first)
            with contextlib.suppress(OSError):
                content = memory.read(last - first)
                if any(secret in content for secret in secrets):
                    return True
    return False


def test_the_web_process_has_no_key_and_no_passphrase(shop: Shop, host: Host, data: Path) -> None:
    until(lambda: healthy(host))
    web, intake = host.pid("web"), host.pid("intake")
    if not Path(f"/proc/{web}/maps").exists():
        pytest.skip("this platform can't look into another process")
    passphrase = (data / "passphrase").read_bytes().strip()
    masters = masters_of(shop.opened.keeper)
    assert holds_in_memory(intake, masters), "or we could not find them in the web either"
    found = list(family(web))
    assert len(found) == 2, "gunicorn's arbiter and its worker"
    for pid in found:
        assert not holds_in_memory(pid, [passphrase, *masters])
        for name in ("environ", "cmdline"):
            assert b"passphrase" not in Path(f"/proc/{pid}/{name}").read_bytes().lower()
        opened = {os.readlink(path) for path in Path(f"/proc/{pid}/fd").iterdir()}
        assert not any(path.endswith(("keys.sealed", "passphrase", "/lock")) for path in opened)
