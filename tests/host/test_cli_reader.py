"""`tapledger reader` and `tapledger readers`: what is wrong is one sentence, what is written a secret."""

import json
import stat
from pathlib import Path

import pytest

from protocol.wire import bundle
from simulator.broker import Broker
from tests.host.process import Host, refuses, run
from tests.host.rig import Shop

GOOD = bundle.encode("DESK1", 1, bytes(range(32)), "127.0.0.1", 1)


@pytest.fixture
def broker_kind() -> str:
    return "iotcore"


@pytest.fixture
def session(host: Host, tmp_path: Path) -> Path:
    """The machine `desk` as somebody who is logged in."""
    token = (host.data / "operator-token").read_text().strip()
    path = tmp_path / "session"
    path.write_text(json.dumps({"host": f"http://127.0.0.1:{host.port}", "token": token, "name": "desk"}))
    return path


@pytest.mark.parametrize("content", [b"", b"{}", GOOD[:-1], GOOD + b"\x00", b"\xa0", bytes(5000)])
def test_what_is_no_bundle_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "b"
    path.write_bytes(content)
    assert "is no bundle" in refuses(4, "reader", "--bundle", str(path), "--reader", "usb")


def test_other_mistakes_are_said(tmp_path: Path) -> None:
    path = tmp_path / "b"
    assert "cannot be read" in refuses(4, "reader", "--bundle", str(path), "--reader", "usb")
    path.write_bytes(GOOD)
    assert "names no reader" in refuses(4, "reader", "--bundle", str(path), "--reader", "com:3")
    done = run("reader", "--bundle", str(path))
    assert done.returncode == 2 and "--list says the names" in done.stderr


def test_the_list_names_what_is_plugged_in() -> None:
    done = run("reader", "--list")
    assert done.returncode == 0
    names = [line.split("  (")[0] for line in done.stdout.splitlines()]
    assert all(name == "usb" or name.split(":")[0] in ("pcsc", "tty") for name in names)


def test_a_reader_is_registered_listed_and_revoked(
    shop: Shop, host: Host, broker: Broker, session: Path, tmp_path: Path
) -> None:
    out = tmp_path / "DESK1.bundle"
    add = (
        "readers",
        "add",
        "DESK1",
        "--out",
        str(out),
        "--broker",
        "192.0.2.7:1883",
        "--session",
        str(session),
    )
    done = run(*add)
    assert done.returncode == 0 and "terminal:DESK1" in done.stdout, done.stderr
    given = bundle.decode(out.read_bytes())
    assert (given["name"], given["host"], given["port"]) == ("DESK1", "192.0.2.7", 1883)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert "cannot be written" in refuses(4, *add)
    listed = run("readers", "list", "--session", str(session)).stdout.splitlines()
    assert json.loads(listed[-1]) == {
        "name": "terminal:DESK1", "where": "terminal", "online": False, "card": None,
    }  # fmt: skip
    revoked = run("kiosk", "revoke", "DESK1", "--data", str(host.data))
    assert "DESK1 is revoked" in revoked.stdout and "rotate" not in revoked.stdout, revoked.stderr
    out.unlink()
    assert run(*add).returncode == 0
    assert bundle.decode(out.read_bytes())["secret"] != given["secret"]


def test_what_cannot_be_registered_leaves_no_file(
    host: Host, session: Path, tmp_path: Path, shop: Shop
) -> None:
    out = tmp_path / "b"
    for name in ("no name", "x" * 33):
        said = refuses(4, "readers", "add", name, "--out", str(out), "--session", str(session))
        assert "name must be" in said and not out.exists()
