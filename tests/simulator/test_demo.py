"""The demo as `make run` starts it: one address, goes on where it stopped, stops without a trace."""

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.running_demo import ROOT, Demo, card, command, processes_on, wait_event
from tests.waiting import until


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
    files = [*(ROOT / "simulator" / "web" / "static").iterdir(), ROOT / "host/web/static/colours.css"]
    for path in files:
        status, _, content = demo.ask("GET", f"/static/{path.name}")
        assert (status, content) == (200, path.read_bytes())
        assert b"http://" not in content.replace(b"http://www.w3.org/2000/svg", b"")
        assert b"https://" not in content
    assert b"http" not in page


def says(state: dict[str, Any], words: str) -> bool:
    """Do these words stand on the kiosk's screen?"""
    return any(words in line for line in state["kiosk"]["words"])


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
    wait_event(demo, "state", lambda state: says(state, "支付成功") and state["kiosk"]["pending"] == 0)
    assert demo.ask("POST", "/do/remove", {})[0] == 200
    wait_event(demo, "state", lambda state: not card(state, "李雷")["on_kiosk"])


@pytest.mark.parametrize(
    ("name", "words"), [("韩梅梅", "余额不足"), ("报失卡", "此卡已停用"), ("外来卡", "非本店卡")]
)
def test_other_cards_are_refused_with_a_clear_word(demo: Demo, name: str, words: str) -> None:
    assert demo.ask("POST", "/do/place", {"card": name})[0] == 200
    try:
        wait_event(demo, "state", lambda state: says(state, words))
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
        if says(state, "Not charged"):
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
        # the card is ahead of the kiosk, and that of the books: stopped in between, the sale is an open one
        wait_event(first, "ledger", lambda lines: any(line["kind"] == "sale" for line in lines))
    finally:
        code, errors = first.stop()
    assert (code, errors) == (0, "")
    assert processes_on(tmp_path) == []
    second = Demo(tmp_path)
    try:
        state = wait_event(second, "state", lambda state: state["kiosk"]["linked"])
        assert [(c["name"], c["value_fen"]) for c in state["cards"]] == [
            ("李雷", 17500),
            ("韩梅梅", 1200),
            ("报失卡", 8000),
            ("外来卡", None),
            ("新卡甲", None),
            ("新卡乙", None),
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
    _, errors = third.process.communicate(timeout=60)
    return third.process.returncode == 1 and "another simulator is running on" in errors


def test_nothing_stays_when_it_is_killed(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    assert processes_on(tmp_path)
    demo.process.kill()
    demo.process.communicate(timeout=60)
    until(lambda: processes_on(tmp_path) == [])


@pytest.mark.parametrize("cards", [1, 2, 3])
def test_a_first_start_that_is_killed_is_finished_by_the_next(tmp_path: Path, cards: int) -> None:
    first = subprocess.Popen(command(tmp_path), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        until(lambda: len(list(tmp_path.glob("cards/*.json"))) >= cards)  # this one is being made at the desk
    finally:
        first.kill()
        first.communicate(timeout=60)
    until(lambda: processes_on(tmp_path) == [])
    second = Demo(tmp_path)
    try:
        assert second.started, second.process.communicate(timeout=60)
        state = wait_event(second, "state", lambda state: state["kiosk"]["linked"])
        assert [c["value_fen"] for c in state["cards"]] == [20000, 1200, 8000, None, None, None]
    finally:
        assert second.stop() == (0, "")
