"""The demo as `make run` starts it: one address, goes on where it stopped, stops without a trace."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
START_S = 40


class Demo:
    """A running demo and its address."""

    def __init__(self, data: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "simulator",
                "demo",
                "--data",
                str(data),
                "--port",
                "0",
                "--no-open",
                *arguments,
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        self.port = int(self.address.rpartition(":")[2] or 0)

    @property
    def started(self) -> bool:
        return self.port > 0

    def ask(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """One request -> (status, headers, content). body: bytes as they are, else JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
            headers = {"Origin": self.address, "Content-Type": "application/json"} | headers
            connection.request(method, path, content, {k: v for k, v in headers.items() if v})
            answer = connection.getresponse()
            return answer.status, dict(answer.headers), answer.read()

    def events(self) -> Iterator[tuple[str, object]]:
        """What an open page hears."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        with contextlib.closing(connection):
            connection.request("GET", "/events")
            kind = ""
            for raw in connection.getresponse():
                line = raw.decode().rstrip("\n")
                if line.startswith("event: "):
                    kind = line[7:]
                elif line.startswith("data: "):
                    yield kind, json.loads(line[6:])

    def stop(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Signal it -> (exit code, all it said on standard error)."""
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors


def processes_on(data: Path) -> list[str]:
    """Command lines of processes that mention the data folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(data) in words and int(path.parent.name) != os.getpid():
                found.append(words)
    return found


def card(state: dict, name: str) -> dict:
    return next(card for card in state["cards"] if card["name"] == name)


def wait_event(demo: Demo, kind: str, condition) -> object:
    for found, content in demo.events():
        if found == kind and condition(content):
            return content
    raise AssertionError("the stream ended")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    made = Demo(tmp_path_factory.mktemp("demo"))
    assert made.started, made.stop()
    yield made
    made.stop()


def test_the_page_and_its_files_are_here_and_need_nothing_from_outside(demo: Demo) -> None:
    status, headers, page = demo.ask("GET", "/")
    assert status == 200
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    for path in (ROOT / "simulator" / "web" / "static").iterdir():
        status, _, content = demo.ask("GET", f"/static/{path.name}")
        assert (status, content) == (200, path.read_bytes())
        assert b"http://" not in content.replace(b"http://www.w3.org/2000/svg", b"")
        assert b"https://" not in content
    assert b"http" not in page


def test_a_tap_is_seen_in_card_ledger_and_screen(demo: Demo) -> None:
    before = wait_event(demo, "state", lambda state: True)
    value_fen = card(before, "李雷")["value_fen"]
    assert demo.ask("POST", "/do/place", {"card": "李雷"})[0] == 200
    state = wait_event(demo, "state", lambda state: card(state, "李雷")["value_fen"] == value_fen - 2500)
    assert card(state, "李雷")["on_kiosk"]
    lines = wait_event(
        demo, "ledger", lambda lines: any(line["balance_after_fen"] == value_fen - 2500 for line in lines)
    )
    assert any(line["kind"] == "sale" and line["amount_fen"] == -2500 for line in lines)
    wait_event(
        demo, "state", lambda state: "支付成功" in state["kiosk"]["words"] and state["kiosk"]["pending"] == 0
    )
    assert demo.ask("POST", "/do/remove", {})[0] == 200
    wait_event(demo, "state", lambda state: not card(state, "李雷")["on_kiosk"])


@pytest.mark.parametrize(
    ("name", "words"), [("韩梅梅", "余额不足"), ("报失卡", "此卡已停用"), ("外来卡", "非本店卡")]
)
def test_other_cards_are_refused_with_a_clear_word(demo: Demo, name: str, words: str) -> None:
    assert demo.ask("POST", "/do/place", {"card": name})[0] == 200
    try:
        wait_event(demo, "state", lambda state: any(words in line for line in state["kiosk"]["words"]))
    finally:
        assert demo.ask("POST", "/do/remove", {})[0] == 200


def test_network_power_and_language_can_be_switched(demo: Demo) -> None:
    assert demo.ask("POST", "/do/network", {"up": False})[0] == 200
    wait_event(demo, "state", lambda state: not state["kiosk"]["linked"])
    assert demo.ask("POST", "/do/power", {"on": False})[0] == 200
    wait_event(demo, "state", lambda state: not state["kiosk"]["powered"])
    assert demo.ask("POST", "/do/power", {"on": True})[0] == 200
    assert demo.ask("POST", "/do/network", {"up": True})[0] == 200
    wait_event(demo, "state", lambda state: state["kiosk"]["powered"] and state["kiosk"]["linked"])
    assert demo.ask("POST", "/do/language", {"language": "en"})[0] == 200
    for _ in range(10):  # the configuration needs a moment to arrive
        assert demo.ask("POST", "/do/place", {"card": "外来卡"})[0] == 200
        state = wait_event(demo, "state", lambda state: state["kiosk"]["red"])
        assert demo.ask("POST", "/do/remove", {})[0] == 200
        wait_event(demo, "state", lambda state: not state["kiosk"]["red"])
        if "Not charged" in state["kiosk"]["words"]:
            break
    else:
        raise AssertionError("the screen did not change its language")
    assert demo.ask("POST", "/do/language", {"language": "zh"})[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "code"),
    [
        ("POST", "/do/place", {"card": "nobody"}, {}, 400, "card"),
        ("POST", "/do/place", {}, {}, 400, "field"),
        ("POST", "/do/place", {"card": 5}, {}, 400, "field"),
        ("POST", "/do/place", [], {}, 400, "json"),
        ("POST", "/do/place", b"{", {}, 400, "http"),
        ("POST", "/do/place", b"\xff\xfe", {}, 400, "http"),
        ("POST", "/do/place", b"card=x", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "http"),
        ("POST", "/do/place", b" " * 5000, {}, 413, "http"),
        ("POST", "/do/network", {"up": "yes"}, {}, 400, "field"),
        ("POST", "/do/language", {"language": "fr"}, {}, 400, "language"),
        ("POST", "/do/steal", {}, {}, 404, "action"),
        ("GET", "/do/place", None, {}, 405, "http"),
        ("GET", "/static/../app.py", None, {}, 404, "http"),
        ("GET", "/static/%2e%2e/app.py", None, {}, 404, "http"),
        ("GET", "/nowhere", None, {}, 404, "http"),
        ("GET", "/", None, {"Host": "evil.example"}, 403, "host"),
        ("POST", "/do/remove", {}, {"Origin": "http://evil.example"}, 403, "origin"),
        ("POST", "/do/remove", {}, {"Origin": ""}, 403, "origin"),
        ("POST", "/do/remove", {}, {"Origin": "null"}, 403, "origin"),
        ("GET", "/events", None, {"Origin": "http://evil.example"}, 403, "origin"),
        ("GET", "/events", None, {"Origin": "", "Sec-Fetch-Site": "cross-site"}, 403, "origin"),
    ],
)
def test_bad_requests_are_answered_with_a_sentence(
    demo: Demo, method: str, path: str, body: object, headers: dict[str, str], status: int, code: str
) -> None:
    found, _, content = demo.ask(method, path, body, **headers)
    answer = json.loads(content)
    assert (found, answer["code"]) == (status, code)
    assert answer["error"]
    assert "Traceback" not in answer["error"]


def test_the_page_never_sees_the_operators_token(
    demo: Demo, tmp_path_factory: pytest.TempPathFactory
) -> None:
    token = next(tmp_path_factory.getbasetemp().glob("demo*/operator-token")).read_text().strip()
    for path in ("/", "/static/app.js", "/operator-token", "/static/operator-token"):
        assert token.encode() not in demo.ask("GET", path)[2]
    seen = []
    for kind, content in demo.events():
        seen.append(json.dumps(content))
        if kind == "ledger":
            break
    assert token not in "".join(seen)


def test_a_second_start_goes_on_with_the_same_cards_and_books(tmp_path: Path) -> None:
    first = Demo(tmp_path)
    try:
        assert first.ask("POST", "/do/place", {"card": "李雷"})[0] == 200
        wait_event(first, "state", lambda state: card(state, "李雷")["value_fen"] == 17500)
    finally:
        code, errors = first.stop()
    assert (code, errors) == (0, "")
    assert processes_on(tmp_path) == []
    began_s = time.monotonic()
    second = Demo(tmp_path)
    took_s = time.monotonic() - began_s
    try:
        assert took_s < 5
        state = wait_event(second, "state", lambda state: state["kiosk"]["linked"])
        assert [(c["name"], c["value_fen"]) for c in state["cards"]] == [
            ("李雷", 17500),
            ("韩梅梅", 1200),
            ("报失卡", 8000),
            ("外来卡", None),
        ]
        lines = wait_event(second, "ledger", lambda lines: any(line["kind"] == "sale" for line in lines))
        assert sum(line["kind"] == "load" and line["account"] == "card" for line in lines) == 3
        assert demo_refuses_twice(tmp_path)
    finally:
        code, errors = second.stop(signal.SIGTERM)
    assert (code, errors) == (0, "")
    assert processes_on(tmp_path) == []


def demo_refuses_twice(data: Path) -> bool:
    """A third demo on the same folder ends with one sentence."""
    third = Demo(data)
    _, errors = third.process.communicate(timeout=20)
    return third.process.returncode == 1 and "another simulator is running on" in errors


def test_nothing_stays_when_it_is_killed(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    assert processes_on(tmp_path)
    demo.process.kill()
    demo.process.communicate(timeout=10)
    deadline = time.monotonic() + 10
    while processes_on(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_on(tmp_path) == []


def refused(*arguments: str, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "simulator", "demo", "--no-open", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=START_S,
        env=os.environ | environment,
    )
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    return done.returncode, done.stderr


def test_a_port_in_use_is_told_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, errors = refused("--data", str(tmp_path), PORT=str(port))
    assert code == 3
    assert f"port {port} is in use" in errors
    assert "PORT=" in errors
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("port", ["eighty", "-1", "65536", "８３"])
def test_a_port_that_is_none_is_told(tmp_path: Path, port: str) -> None:
    code, errors = refused("--data", str(tmp_path), PORT=port)
    assert code == 3
    assert "a port is a number from 0 to 65535" in errors


def test_a_data_folder_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    # A file in the way, because root may write to any folder.
    (tmp_path / "file").write_text("")
    code, errors = refused("--data", str(tmp_path / "file" / "data"), "--port", "0")
    assert code == 1
    assert "can't write to the data folder" in errors
    assert "--data" in errors


def test_a_broker_that_does_not_start_is_told(tmp_path: Path) -> None:
    # The mosquitto that is found first is one that can't run.
    fake = tmp_path / "bin" / "mosquitto"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\necho broken on purpose >&2\nexit 1\n")
    fake.chmod(0o755)
    path = f"{fake.parent}:{os.environ['PATH']}"
    code, errors = refused("--data", str(tmp_path / "data"), "--port", "0", PATH=path)
    assert code == 1
    assert "mosquitto did not start" in errors
    assert "broken on purpose" in errors
    assert "TAPLEDGER_BROKER=" in errors
