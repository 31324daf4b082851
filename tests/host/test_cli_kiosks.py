"""`tapledger kiosk`: what is typed becomes what the host is asked; what cannot be read is one sentence."""

import json
import stat
from pathlib import Path
from typing import Any

import click
import pytest

from host import cli_kiosk_config
from host.errors import HostError
from protocol.wire import bundle
from tests.host.process import Host, refuses, run
from tests.host.rig import Shop


@pytest.fixture
def broker_kind() -> str:
    """A command asks the host, and never the broker: one kind will do."""
    return "iotcore"


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
    assert asked("--mode", "pass", "--way", "in") == {"mode": "pass", "way": "in"}
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
        (("--price", "0"), "--price must be from 0.01 to 5000.00 yuan"),
        (("--price", "Tea=5000.01"), "the price of Tea must be from 0.01 to 5000.00 yuan"),
        (("--price", "1", "--price", "2"), "one fixed price"),
        (("--max", "lots"), "--max must be yuan"),
        (("--quiet", "22:00"), "--quiet must be from and to"),
        (("--quiet", "22:60-23:00"), "--quiet must be from and to"),
        (("--hours", "8-9"), "--hours must be from and to"),
        (("--hours", "always", "--hours", "8:00-9:00"), "--hours must be from and to"),
        (("--hours", "8:00-8:00"), "--hours must be from and to"),
        (("--hours", "0:00-24:00"), "--hours must be from and to.* or always"),
        (("--hours", "23:00-24:01"), "--hours must be from and to"),
        (("--utc-offset", "8"), "--utc-offset must be"),
    ],
)
def test_what_cannot_be_read_is_said(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(HostError, match=said):
        asked(*words)


@pytest.mark.parametrize(
    "twice",
    [
        ("--quiet", "22:00-08:00", "--quiet", "12:00-14:00"),
        ("--title", "a", "--title", "a"),
        ("--max", "1", "--max", "2"),
        ("--verdict-wait-ms", "0", "--verdict-wait-ms", "0"),
    ],
)
def test_what_a_kiosk_has_one_of_is_named_once(twice: tuple[str, ...]) -> None:
    with pytest.raises(click.BadParameter, match="more than once") as refused:
        asked(*twice)
    assert refused.value.param is not None and twice[0] in refused.value.param.opts


@pytest.fixture
def session(host: Host, tmp_path: Path) -> tuple[str, str]:
    """The machine `desk` as somebody who is logged in."""
    path = tmp_path / "session"
    token = (host.data / "operator-token").read_text().strip()
    path.write_text(json.dumps({"host": f"http://127.0.0.1:{host.port}", "token": token, "name": "desk"}))
    return "--session", str(path)


def test_a_kiosk_is_added_listed_and_shown(shop: Shop, session: tuple[str, str], tmp_path: Path) -> None:
    out, secret = tmp_path / "K1.bundle", tmp_path / "secret"
    secret.write_text("12345678\n")
    add = (
        "kiosk",
        "add",
        "K1",
        "--out",
        str(out),
        "--broker",
        "192.0.2.7:8883",
        "--ntp",
        "",
        "--wifi",
        "shop",
    )
    wifi = ("--wifi-password-file", str(secret))
    done = run(*add, *wifi, "--mode", "keypad", "--max", "50", *session)
    assert done.returncode == 0 and "tapledger kiosk flash K1" in done.stdout, done.stderr
    given = bundle.decode(out.read_bytes())
    wanted = {
        "name": "K1",
        "host": "192.0.2.7",
        "port": 8883,
        "ssid": "shop",
        "password": "12345678",
        "ntp": "",
    }
    assert given | wanted == given
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert "cannot be written" in refuses(4, *add, *wifi, *session)
    listed = run("kiosk", "list", *session).stdout
    assert listed.split(maxsplit=1)[0] == "K1"
    assert "away, does not have configuration 1 yet, firmware unknown" in listed
    shown = json.loads(run("kiosk", "show", "K1", *session).stdout)
    assert shown["name"] == "K1" and shown["config"]["newest"] == 1
    assert "There is no kiosk K9" in refuses(4, "kiosk", "show", "K9", *session)


def test_a_kiosk_that_cannot_be_added_leaves_no_file(session: tuple[str, str], tmp_path: Path) -> None:
    out = tmp_path / "b"
    add = ("kiosk", "add", "K1", "--out", str(out), "--wifi", "shop", *session)
    for options, said in (
        (("--open-wifi",), "A new kiosk of mode fixed has no price"),
        (("--open-wifi", "--mode", "list"), "mode list has no prices"),
        (("--price", "1"), "there is no terminal to ask at"),
        (("--open-wifi", "--price", "x"), "--price must be yuan"),
    ):
        assert said in refuses(4, *add, *options)
        assert not out.exists()


def test_a_kiosk_is_configured_through_a_running_host(shop: Shop, session: tuple[str, str]) -> None:
    shop.kiosk("K1")
    done = run("kiosk", "config", "K1", "--mode", "list", "--price", "美甲=88.00", *session)
    assert "K1 has configuration 2" in done.stdout, done.stderr
    done = run("kiosk", "config", "K1", "--mode", "list", *session)
    assert "told just that already" in done.stdout, done.stderr
    lines = run("kiosk", "config", "K1", *session).stdout.splitlines()
    assert [json.loads(line)["version"] for line in lines] == [1, 2]
    assert json.loads(lines[1])["config"]["prices"] == [["美甲", 8800]]
    assert "is too wide" in refuses(4, "kiosk", "config", "K1", "--title", "x" * 30, *session)
    assert "There is no kiosk K9" in refuses(4, "kiosk", "config", "K9", "--mode", "keypad", *session)
