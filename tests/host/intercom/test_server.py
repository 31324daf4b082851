import socket
import struct
import threading
from pathlib import Path

import pytest

from host.errors import HostError, Refused
from host.intercom import SOCKET_NAME, frames, server
from host.intercom.client import Caller
from host.intercom.server import listen
from tests.host.intercom.conftest import Intake
from tests.waiting import until


def connect(intake: Intake) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(str(intake.path))
    assert "intake" in frames.receive(sock, 5), "it greets"
    return sock


def closed(sock: socket.socket) -> bool:
    sock.settimeout(5)
    try:
        return sock.recv(1) == b""
    except ConnectionResetError:  # it did not read all that was sent
        return True


@pytest.mark.parametrize(
    "garbage",
    [
        bytes(4),
        b"\xff\xff\xff\xff",
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack(">I", 3) + b"{x}",
        struct.pack(">I", 2) + b"[]",
        b'\0\0\0\x10{"call": "open"}',
        b'\0\0\0\x0b{"call": 1}',
        b'\0\0\0\x0d{"call": [1]}',
        b'\0\0\0\x1e{"call": "health", "asked": 1}',
        b"\0\0\0\x02{}",
    ],
)
def test_garbage_closes_its_connection_with_a_line_in_the_log_and_no_other(
    intake: Intake, caller: Caller, garbage: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    intake.start()
    assert caller.call("health", n=1) == {"n": 1}
    with connect(intake) as sock:
        sock.sendall(garbage)
        assert closed(sock)
    assert caller.call("health", n=2) == {"n": 2}, "on the connection of before"
    assert capsys.readouterr().out.count("a connection on the local socket was closed") == 1


def test_refusals_and_faults_cross_as_the_api_gives_them(intake: Intake, caller: Caller) -> None:
    intake.start()
    for call, status, code, word in (
        ("presence", 409, "card-state", "Card 04 is lost."),
        ("rejections", 500, "fault", "log"),
        ("report lost", 503, "database", "Look up"),
    ):
        with pytest.raises(Refused, match=word) as caught:
            caller.call(call)
        assert (caught.value.status, caught.value.code) == (status, code)
        assert "inner" not in str(caught.value)


def test_nobody_else_on_the_machine_may_connect_and_what_a_killed_host_left_is_replaced(
    data: Path,
) -> None:
    for _ in range(2):
        with listen(data):
            assert (data / SOCKET_NAME).stat().st_mode & 0o777 == 0o600
    assert data.stat().st_mode & 0o777 == 0o700


def test_a_folder_may_be_deeper_than_a_socket_path_is_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ("x" * 120) / ("y" * 120)
    folder.mkdir(parents=True)
    here = Path.cwd()
    intake = Intake(folder)
    assert Path.cwd() == here
    intake.start()
    monkeypatch.chdir(folder)  # as the web process does
    caller = Caller(Path(SOCKET_NAME))
    assert caller.call("health", n=1) == {"n": 1}
    caller.close()
    intake.stop()
    intake.listener.close()


def test_a_folder_without_room_for_a_socket_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / SOCKET_NAME).mkdir()
    here = Path.cwd()
    with pytest.raises(HostError, match=r"intake\.sock cannot be made .*--data"):
        listen(tmp_path)
    assert Path.cwd() == here


def test_connections_are_limited(
    intake: Intake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(server, "CONNECTIONS_MAX", 2)
    intake.start()
    with connect(intake) as first, connect(intake):
        with socket.socket(socket.AF_UNIX) as third:
            third.connect(str(intake.path))
            assert closed(third)
        frames.send(first, {"call": "health"})
        assert frames.receive(first, 5) == {"answer": {}}
        first.close()
        until(lambda: len(intake.servers[0]._connections) == 1)
        connect(intake).close()
    assert "too many are open" in capsys.readouterr().out


def test_a_call_that_runs_is_answered_before_the_server_is_gone(intake: Intake) -> None:
    intake.start()
    with connect(intake) as sock, connect(intake) as idle:
        frames.send(sock, {"call": "issue card", "asked": {"n": 1}})
        until(lambda: intake.asked)
        stopping = threading.Thread(target=intake.stop)
        stopping.start()
        until(lambda: not intake.servers)
        intake.go_on.set()
        assert frames.receive(sock, 5) == {"answer": "done"}
        stopping.join(10)
        assert not stopping.is_alive() and closed(sock) and closed(idle)


def test_a_slow_reader_of_news_holds_up_nobody_and_hears_the_last(intake: Intake) -> None:
    rings = 20_000
    bell = intake.start()
    with connect(intake) as sock:
        frames.send(sock, {"call": "news"})
        for _ in range(rings):
            bell.ring()
        heard = [frames.receive(sock, 5)["news"]]
        while heard[-1] != rings:
            heard.append(frames.receive(sock, 5)["news"])
    assert heard == sorted(set(heard)) and len(heard) < rings


def test_a_listener_to_news_that_is_gone_is_forgotten_though_nothing_happens(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "KEEP_ALIVE_S", 0.01)
    intake.start()
    with connect(intake) as sock:
        frames.send(sock, {"call": "news"})
        assert [frames.receive(sock, 5) for _ in range(3)] == [{"news": 0}] * 3
    until(lambda: not intake.servers[0]._connections)
