"""The host as a process, as an operator runs it."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_mock import MockerFixture

from host import installation
from host.errors import HostError
from host.ledger import accounts
from host.terminals.kiosks import Config
from protocol.wire import topics
from protocol.wire.messages import ACK
from simulator.broker import Broker, free_port
from simulator.leash import Leash
from tests.host.rig import KioskSide, Shop, open_shop
from tests.host.terminals.test_intake import until
from tests.host.terminals.test_mqtt import OnLine

SECONDS = 20


def run(*args: str) -> "subprocess.CompletedProcess[str]":
    """`python -m host ARGS` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "host", *args], capture_output=True, text=True, timeout=SECONDS
    )


def refuses(code: int, *args: str) -> str:
    """Its one sentence on stderr."""
    done = run(*args)
    assert done.returncode == code, (done.returncode, done.stderr)
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


class Host:
    """A running `python -m host serve`."""

    def __init__(self, data: Path, broker_port: int, *more: str) -> None:
        self.data = data
        self.ready = data / "ready.json"
        self.ready.unlink(missing_ok=True)
        self.log = (data / "host.log").open("ab")
        address = f"127.0.0.1:{broker_port}"
        command = [
            sys.executable,
            "-m",
            "host",
            "serve",
            "--data",
            str(data),
            "--port",
            "0",
            "--mqtt",
            address,
        ]
        self.process = subprocess.Popen(
            [*command, "--ready-file", str(self.ready), *more], stderr=self.log, start_new_session=True
        )
        until(lambda: self.ready.exists() or self.process.poll() is not None, SECONDS)
        assert self.ready.exists(), self.said()
        found = json.loads(self.ready.read_text())
        assert found["pid"] == self.process.pid
        self.port = found["port"]

    def open(self, path: str, body: object = None, timeout_s: float = SECONDS) -> Any:
        token = (self.data / "operator-token").read_text().strip()
        return urllib.request.urlopen(
            urllib.request.Request(
                f"http://127.0.0.1:{self.port}/api/v1{path}",
                data=None if body is None else json.dumps(body).encode(),
                headers={"Authorization": f"Bearer {token}"},
            ),
            timeout=timeout_s,
        )

    def get(self, path: str) -> Any:
        with self.open(path) as answer:
            return json.load(answer)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(SECONDS)

    def said(self) -> str:
        return (self.data / "host.log").read_text()

    def close(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(SECONDS)
        self.log.close()


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


def test_init_makes_private_files_and_again_changes_nothing(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    assert "is ready." in run("init", "--data", str(data), "--demo").stdout
    for name in ("keys.sealed", "passphrase", "operator-token"):
        assert stat.S_IMODE((data / name).stat().st_mode) == 0o600
    before = {file.name: file.read_bytes() for file in data.iterdir() if file.suffix != ".db"}
    assert "nothing changed" in run("init", "--data", str(data), "--demo").stdout
    assert {file.name: file.read_bytes() for file in data.iterdir() if file.suffix != ".db"} == before


def test_init_with_a_passphrase_of_ones_own_keeps_no_copy(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("correct horse\n")
    data = str(tmp_path / "data")
    assert run("init", "--data", data, "--passphrase-file", str(secret)).returncode == 0
    assert not (tmp_path / "data" / "passphrase").exists()
    secret.write_text("wrong\n")
    assert "does not open" in refuses(4, "init", "--data", data, "--passphrase-file", str(secret))
    assert "does not open" in refuses(
        4, "serve", "--data", data, "--passphrase-file", str(secret), "--port", "0"
    )
    assert "no passphrase" in refuses(4, "serve", "--data", data, "--port", "0")
    secret.write_text("")
    assert "is empty" in refuses(4, "init", "--data", data, "--passphrase-file", str(secret))


def test_folders_that_cannot_be_used_are_one_sentence(tmp_path: Path, data: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    assert "is a file" in refuses(4, "init", "--data", str(file), "--demo")
    assert "cannot be made" in refuses(4, "init", "--data", "/proc/tapledger", "--demo")
    assert "--passphrase-file FILE, or --demo" in refuses(4, "init", "--data", str(tmp_path / "x"))
    assert "tapledger init" in refuses(4, "serve", "--data", str(tmp_path / "none"), "--port", "0")
    assert "tapledger init" in refuses(4, "verify", "--data", str(tmp_path / "none"))
    (data / "keys.sealed").write_bytes(b"{")
    assert "damaged" in refuses(4, "serve", "--data", str(data), "--port", "0")


def test_a_folder_without_the_right_to_write_is_one_sentence(tmp_path: Path, mocker: MockerFixture) -> None:
    mocker.patch("os.access", return_value=False)  # root, as whom CI may run, has every right
    with pytest.raises(HostError, match="cannot be written: change its rights"):
        installation.init(tmp_path, None, demo=True)
    assert list(tmp_path.iterdir()) == []


def test_arguments_that_make_no_sense_end_with_code_2(data: Path) -> None:
    for arguments in (["--mqtt", "nowhere"], ["--mqtt", "h:0"], ["--mqtt", "h:x"], ["--port", "x"], ["--no"]):
        assert run("serve", "--data", str(data), *arguments).returncode == 2
    assert run("nonsense").returncode == 2
    assert run("--version").stdout.startswith("tapledger")


def test_a_port_in_use_is_one_sentence_and_code_3(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        sentence = refuses(3, "serve", "--data", str(data), "--port", port)
    assert port in sentence and "choose another with --port" in sentence
    assert "no port" in refuses(4, "serve", "--data", str(data), "--port", "70000")


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


def test_the_logs_can_be_json(data: Path) -> None:
    host = Host(data, free_port(), "--log-format", "json")
    try:
        host.end()
        assert all("event" in json.loads(line) for line in host.said().splitlines())
    finally:
        host.close()


def say_hello(online: OnLine, host: Host) -> None:
    until(lambda: host.get("/health")["mqtt"], SECONDS)
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
        until(lambda: online.acknowledged(200), SECONDS)
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
        until(lambda: online.acknowledged(100), SECONDS)
        done = json.loads(run("verify", "--data", str(shop.opened.data), "--json").stdout)
        assert done["ok"] and done["cards"][0]["balance_fen"] == 9900
    finally:
        again.close()


def test_verify_names_what_does_not_hold_and_ends_with_code_1(tmp_path: Path) -> None:
    shop = open_shop(tmp_path / "tampered")
    shop.card(10_000)
    with shop.opened.database.write() as connection:
        connection.execute("UPDATE accounts SET balance = balance + 1 WHERE kind = 'card'")
    done = run("verify", "--data", str(shop.opened.data))
    assert done.returncode == 1
    assert "FAILS  every balance equals" in done.stdout and "says 10001, entries 10000" in done.stdout
    assert "a promise is broken" in done.stdout


def test_a_kiosk_of_another_installation_is_nobody(shop: Shop, tmp_path: Path) -> None:
    other = open_shop(tmp_path / "other")
    shop.kiosk()
    kiosk, _ = other.kiosks.register("K1", Config(100), "operator:desk")
    stranger = KioskSide.from_bundle(other.kiosks.bundle(kiosk, "h", 1, "w", ""))
    assert shop.batches.write([(topics.up("K1"), stranger.hello())], False) == []
    assert shop.batches.rejections.to_json()["counts"] == {"mac": 1}
