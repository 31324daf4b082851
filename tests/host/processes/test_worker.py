import socket
from types import SimpleNamespace

import pytest
from gunicorn.http.errors import NoMoreData

from host.processes import worker


def test_what_comes_in_time_is_read_and_what_does_not_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now_s=0.0, monotonic=lambda: clock.now_s)
    monkeypatch.setattr(worker, "time", clock)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        read = worker.until(ours, 10)
        theirs.sendall(b"GET /")
        assert read() == b"GET /"
        clock.now_s = 9.9
        with pytest.raises(NoMoreData):
            read()
        clock.now_s = 10.0
        theirs.sendall(b" a byte in time does not buy more time")
        with pytest.raises(NoMoreData):
            read()
        assert ours.gettimeout() is None
