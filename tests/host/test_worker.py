import socket
import time

import pytest
from gunicorn.http.errors import NoMoreData

from host import worker


def test_what_comes_in_time_is_read_and_what_does_not_is_given_up() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        read = worker.until(ours, time.monotonic() + 0.2)
        theirs.sendall(b"GET /")
        assert read() == b"GET /"
        with pytest.raises(NoMoreData):
            read()
        theirs.sendall(b" a byte in time does not buy more time")
        with pytest.raises(NoMoreData):
            read()
        assert ours.gettimeout() is None
