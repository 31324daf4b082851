"""The host's API as the simulator uses it: refusals, silence and nonsense become errors with a sentence."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from simulator.child import ChildError
from simulator.host import HostDown, HostProcess, HostRefusal
from simulator.leash import Leash

ANSWERS = {
    "/api/v1/fine": (200, b'{"ok": true}'),
    "/api/v1/refused": (409, b'{"error": "Not now.", "code": "busy"}'),
    "/api/v1/odd": (502, b"<html>"),
    "/api/v1/nonsense": (200, b"\xff"),
    "/api/v1/ledger/stream?after=4": (200, b': hello\nevent: line\ndata: {"id": 5}\n\ndata: {"id": 6}\n\n'),
}


class Answering(BaseHTTPRequestHandler):
    seen: list[tuple[str, str | None, bytes]] = []
    keys: list[str | None] = []

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.seen.append((self.path, self.headers["Authorization"], self.rfile.read(length)))
        self.keys.append(self.headers["Idempotency-Key"])
        status, content = ANSWERS[self.path]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def host(tmp_path: Path) -> Iterator[HostProcess]:
    """A host whose answers are ours: the far end of HTTP."""
    server = HTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    leash = Leash()
    (tmp_path / "operator-token").write_text("secret\n")
    made = HostProcess(tmp_path, 1, leash)
    made.port = server.server_port
    Answering.seen.clear()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()
    leash.close()


def test_requests_carry_the_operators_token(host: HostProcess) -> None:
    assert host.post("/fine", name="K1") == {"ok": True}
    path, token, body = Answering.seen[0]
    assert (path, token, json.loads(body)) == ("/api/v1/fine", "Bearer secret", {"name": "K1"})


def test_a_refusal_keeps_its_sentence(host: HostProcess) -> None:
    with pytest.raises(HostRefusal, match=r"Not now\.") as caught:
        host.get("/refused")
    assert (caught.value.status, caught.value.code) == (409, "busy")
    with pytest.raises(HostRefusal, match="the host answered 502"):
        host.get("/odd")


def test_nonsense_and_silence_are_a_host_that_is_down(host: HostProcess) -> None:
    with pytest.raises(HostDown, match="does not answer GET /nonsense"):
        host.get("/nonsense")
    host.port = 0
    with pytest.raises(HostDown, match="it has not been started"):
        host.get("/fine")


def test_ledger_lines_come_until_the_stream_ends(host: HostProcess) -> None:
    lines = host.ledger_lines(4)
    assert [next(lines)["id"], next(lines)["id"]] == [5, 6]
    with pytest.raises(HostDown, match="the ledger stream ended"):
        next(lines)


def test_a_host_that_does_not_start_says_why(tmp_path: Path) -> None:
    leash = Leash()
    try:
        (tmp_path / "operator-token").write_text(
            ""
        )  # looks like a folder in use, but has neither books nor keys
        with pytest.raises(ChildError, match=r"the host does not start: .+ \(log: .*host\.log\)"):
            HostProcess(tmp_path, 1, leash).start()
    finally:
        leash.close()


def test_a_command_of_the_host_that_takes_too_long_is_a_sentence(
    host: HostProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.host._COMMAND_TIMEOUT_S", 0.001)
    with pytest.raises(ChildError, match=r"host verify: it took longer than 0\.001 s"):
        host.verify()


def test_an_act_carries_its_key_and_the_token_of_who_does_it(host: HostProcess) -> None:
    ANSWERS["/api/v1/desk/void"] = (200, b'{"state": "void"}')
    assert host.act("void", "k1", {"uid": "04"}, token="his") == {"state": "void"}
    assert Answering.seen[-1] == ("/api/v1/desk/void", "Bearer his", b'{"uid": "04"}')
    assert Answering.keys[-1] == "k1"


def test_its_clock_goes_forward_step_by_step(host: HostProcess, tmp_path: Path) -> None:
    host.advance_clock(60)
    host.advance_clock(86400)
    assert (tmp_path / "clock").read_text() == "86460"
