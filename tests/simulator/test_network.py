"""The kiosk's way to the broker: passes, is cut silently, comes back with what was held, slows, loses,
ends clean.
"""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from simulator.network import Network
from tests.waiting import until


class Echo:
    """A TCP server that sends back what it gets."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.received = bytearray()
        self.ended = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                while data := connection.recv(65536):
                    self.received += data
                    connection.sendall(data)
            except OSError:
                pass
        self.ended.set()

    def close(self) -> None:
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()


@pytest.fixture
def echo() -> Iterator[Echo]:
    server = Echo()
    yield server
    server.close()


def threads() -> set[threading.Thread]:
    """Of networks. A test that failed elsewhere may have left its own behind."""
    return {thread for thread in threading.enumerate() if thread.name == "kiosk network"}


@pytest.fixture
def network(echo: Echo) -> Iterator[Network]:
    before = threads()
    network = Network(echo.port, seed=5, stall_ms=(1, 20))
    network.start()
    yield network
    network.stop()
    assert threads() == before


def connect(network: Network) -> socket.socket:
    return socket.create_connection(("127.0.0.1", network.port), timeout=5)


def exactly(connection: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        part = connection.recv(length - len(data))
        if not part:
            raise ConnectionResetError("the connection ended")
        data += part
    return data


def silent(connection: socket.socket, for_s: float = 0.15) -> bool:
    """Nothing comes, not even an end."""
    connection.settimeout(for_s)
    try:
        connection.recv(1)
    except TimeoutError:
        return True
    finally:
        connection.settimeout(5)
    return False


def test_passes_and_counts(network: Network) -> None:
    data = bytes(range(256)) * 1000
    with connect(network) as connection:
        threading.Thread(target=connection.sendall, args=(data,)).start()
        assert exactly(connection, len(data)) == data
    # The last piece is counted just after it was handed on.
    until(lambda: network.counts.down_bytes >= len(data))
    assert network.counts.connections == 1
    assert network.counts.up_bytes == network.counts.down_bytes == len(data)


def test_a_cut_is_silent_and_back_delivers_what_was_held(network: Network, echo: Echo) -> None:
    with connect(network) as before:
        before.sendall(b"one")
        assert exactly(before, 3) == b"one"
        network.cut()
        before.sendall(b"two")
        with connect(network) as during:
            during.sendall(b"three")
            assert silent(before)
            assert silent(during)
            assert echo.received == b"one"
            network.back()
            assert exactly(before, 3) == b"two"
            assert exactly(during, 5) == b"three"


def test_a_cut_with_reset_ends_connections(network: Network) -> None:
    with connect(network) as connection:
        connection.sendall(b"one")
        assert exactly(connection, 3) == b"one"
        network.cut(reset=True)
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    assert network.counts.resets >= 1


def test_slow_delays_each_way(network: Network) -> None:
    with connect(network) as connection:
        network.slow(60)
        start = time.monotonic()
        connection.sendall(b"x")
        exactly(connection, 1)
        assert time.monotonic() - start >= 0.12


def test_back_ends_slowness(network: Network) -> None:
    with connect(network) as connection:
        network.slow(3_600_000)
        network.back()
        connection.sendall(b"x")
        assert exactly(connection, 1) == b"x"


def test_lossy_stalls_and_resets_but_never_changes_the_stream(network: Network) -> None:
    network.lossy(1.0)
    ended = 0
    for number in range(12):
        with connect(network) as connection:
            message = f"message {number}".encode()
            try:
                connection.sendall(message)
                answer = exactly(connection, len(message))
            except (ConnectionResetError, BrokenPipeError):
                ended += 1
            else:
                assert answer == message
    assert network.counts.stalls > 0
    assert 0 < ended < 12
    assert network.counts.resets > 0


@pytest.mark.parametrize("probability", [-0.1, 1.5])
def test_impossible_values_are_refused(network: Network, probability: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        network.lossy(probability)
    with pytest.raises(ValueError, match="negative"):
        network.slow(-1)


def test_a_network_that_does_not_run_says_so() -> None:
    network = Network(1)
    with pytest.raises(RuntimeError, match="start"):
        network.cut()
    network.stop()


def test_broker_down_ends_the_connection(refusing_port: int) -> None:
    network = Network(refusing_port)
    network.start()
    try:
        with connect(network) as connection:
            assert connection.recv(1) == b""
    finally:
        network.stop()


def test_port_in_use_is_an_error_that_leaves_no_thread() -> None:
    before = threads()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        network = Network(1)
        with pytest.raises(OSError, match="in use"):
            network.start(taken.getsockname()[1])
    network.stop()
    assert threads() == before


def test_stop_with_a_connection_open_and_cut(echo: Echo) -> None:
    network = Network(echo.port)
    network.start()
    with connect(network) as first:
        first.sendall(b"a")
        assert exactly(first, 1) == b"a"
        network.cut()
        with connect(network):
            network.stop()
            network.stop()
        assert first.recv(1) == b""


def test_stop_ends_the_connection_to_the_broker_as_well(echo: Echo) -> None:
    network = Network(echo.port)
    network.start()
    with connect(network) as connection:
        connection.sendall(b"a")
        assert exactly(connection, 1) == b"a"
        network.stop()
        assert network._streams == set()
        assert echo.ended.wait(5)
