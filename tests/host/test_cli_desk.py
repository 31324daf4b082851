"""`tapledger login` and `tapledger desk`, against a running host and against none."""

import json
from pathlib import Path

import pytest

from host import operators
from host.operators import Operator, password
from tests.host.process import Host, refuses, run
from tests.host.rig import Shop

PASSWORD = "a good long word"


@pytest.fixture
def broker_kind() -> str:
    """A command asks the host, and never the broker: one kind will do."""
    return "iotcore"


def test_a_clerk_logs_in_opens_a_drawer_and_logs_out(host: Host, shop: Shop, tmp_path: Path) -> None:
    with shop.opened.database.write() as connection:
        operators.add(connection, Operator("ann", ("clerk",), 0, 0), password.make(PASSWORD), "x")
    secret, session = tmp_path / "secret", ("--session", str(tmp_path / "session"))
    secret.write_text(PASSWORD)
    address = ("--host", f"http://127.0.0.1:{host.port}")
    done = run("login", "ann", *address, "--password-file", str(secret), *session)
    assert "ann is logged in: clerk" in done.stdout, done.stderr
    assert (tmp_path / "session").stat().st_mode & 0o777 == 0o600
    opened = run("desk", "open-drawer", "--counted-fen", "500", "--key", "k", *session)
    assert json.loads(opened.stdout)["holds_fen"] == 500
    again = run("desk", "open-drawer", "--counted-fen", "500", "--key", "k", *session)
    assert json.loads(again.stdout) == json.loads(opened.stdout)
    assert "drawer-open" in refuses(4, "desk", "open-drawer", "--counted-fen", "1", *session)
    assert "may not" in refuses(4, "desk", "hot", "--uid", "04010203", "--reason", "x", *session)
    assert json.loads(run("desk", "drawer", *session).stdout)["drawer_of"] == "ann"
    assert "Logged out" in run("logout", *session).stdout
    assert "not logged in" in refuses(4, "desk", "drawer", *session)
    secret.write_text("wrong")
    assert "no operator" in refuses(4, "login", "ann", *address, "--password-file", str(secret), *session)


def test_without_a_host_or_with_a_spoilt_login_it_is_one_sentence(refusing_port: int, tmp_path: Path) -> None:
    secret, session = tmp_path / "secret", tmp_path / "session"
    secret.write_text(PASSWORD)
    url = f"http://127.0.0.1:{refusing_port}"
    asked = ("login", "ann", "--host", url, "--password-file", str(secret), "--session", str(session))
    assert "is the host running?" in refuses(4, *asked)
    session.write_text("[]")
    assert "is no login" in refuses(4, "desk", "me", "--session", str(session))
