"""`tapledger kiosk`: what is typed becomes what the host is asked; what cannot be read is one sentence."""

import json
from pathlib import Path
from typing import Any

import pytest

from host import cli_kiosk_config
from host.errors import HostError
from tests.host.process import Host, refuses, run
from tests.host.rig import Shop


def asked(*words: str) -> dict[str, Any]:
    """What `tapledger kiosk config K1 WORDS` would ask the host for."""
    command = cli_kiosk_config.config
    context = command.make_context("config", ["K1", *words])
    given = {name: value for name, value in context.params.items() if name not in ("name", "session")}
    return cli_kiosk_config.asked(given)


def test_options_become_fields() -> None:
    assert asked() == {}
    assert asked("--mode", "keypad", "--max", "500.00", "--language", "zh") == {
        "mode": "keypad",
        "max_fen": 50_000,
        "language": "zh",
    }
    assert asked("--price", "25", "--price", "美甲=88.00", "--price", "a=b=0.50") == {
        "price_fen": 2500,
        "prices": [["美甲", 8800], ["a=b", 50]],
    }
    clock = ("--quiet", "22:00-08:00", "--hours", "10:00-14:30", "--hours", "18:00-24:00")
    assert asked(*clock, "--utc-offset", "-03:30") == {
        "quiet": [1320, 480],
        "hours": [[600, 870], [1080, 1440]],
        "utc_offset_min": -210,
    }
    assert asked("--quiet", "never", "--hours", "always", "--title", "") == {
        "quiet": [],
        "hours": [],
        "title": "",
    }
    assert asked("--offline-card-count", "3", "--verdict-wait-ms", "0") == {
        "offline_card_count": 3,
        "verdict_wait_ms": 0,
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--price", "1.5"), "--price must be yuan"),
        (("--price", "１"), "--price must be yuan"),
        (("--price", "-1"), "--price must be yuan"),
        (("--price", "美甲="), "the price of 美甲 must be yuan"),
        (("--price", "1", "--price", "2"), "one fixed price"),
        (("--max", "lots"), "--max must be yuan"),
        (("--quiet", "22:00"), "--quiet must be from and to"),
        (("--quiet", "22:60-23:00"), "--quiet must be from and to"),
        (("--hours", "8-9"), "--hours must be from and to"),
        (("--hours", "always", "--hours", "8:00-9:00"), "--hours must be from and to"),
        (("--hours", "23:00-24:01"), "--hours must be from and to"),
        (("--utc-offset", "8"), "--utc-offset must be"),
    ],
)
def test_what_cannot_be_read_is_said(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(HostError, match=said):
        asked(*words)


def test_a_kiosk_is_configured_through_a_running_host(host: Host, shop: Shop, tmp_path: Path) -> None:
    shop.kiosk("K1")
    path = tmp_path / "session"
    token = (host.data / "operator-token").read_text().strip()
    path.write_text(json.dumps({"host": f"http://127.0.0.1:{host.port}", "token": token, "name": "desk"}))
    session = ("--session", str(path))
    done = run("kiosk", "config", "K1", "--mode", "list", "--price", "美甲=88.00", *session)
    assert "K1 has configuration 2" in done.stdout, done.stderr
    done = run("kiosk", "config", "K1", "--mode", "list", *session)
    assert "told just that already" in done.stdout, done.stderr
    lines = run("kiosk", "config", "K1", *session).stdout.splitlines()
    assert [json.loads(line)["version"] for line in lines] == [1, 2]
    assert json.loads(lines[1])["config"]["prices"] == [["美甲", 8800]]
    assert "is too wide" in refuses(4, "kiosk", "config", "K1", "--title", "x" * 30, *session)
    assert "There is no kiosk K9" in refuses(4, "kiosk", "config", "K9", "--mode", "keypad", *session)
