"""The network between a kiosk and the broker: a TCP proxy on 127.0.0.1 that can be cut, slowed and made
lossy.

A cut is silent, as in a radio network: nothing is forwarded and nobody is told; what was on its way arrives
after `back()`. New connections are accepted by the machine's own TCP and wait. `cut(reset=True)` tears
connections down.
"""

import asyncio
import random
import socket
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

_CHUNK_BYTES: Final = 16384
# A lossy chunk: one in so many resets the stream, the others stall it as a lost segment does.
_RESET_SHARE: Final = 4


@dataclass
class Counts:
    """What passed since the start; `up` is from the kiosk to the broker."""

    connections: int = 0
    up_bytes: int = 0
    down_bytes: int = 0
    stalls: int = 0
    resets: int = 0


class Network:
    """One kiosk's way to the broker. All methods may be called from any thread, between `start` and
    `stop`.
    """

    def __init__(
        self,
        target_port: int,
        target_host: str = "127.0.0.1",
        *,
        seed: int = 0,
        stall_ms: tuple[int, int] = (50, 400),
    ) -> None:
        """`stall_ms`: how long a lost segment holds the stream up, at least and at most."""
        self._target = (target_host, target_port)
        self._random = random.Random(seed)
        self._stall_ms = stall_ms
        self.counts = Counts()
        self.port = 0
        self._loss = 0.0
        self._delay_ms = 0
        self._loop = asyncio.new_event_loop()
        self._open = asyncio.Event()
        self._open.set()
        self._streams: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="kiosk network", daemon=True)

    def start(self, port: int = 0) -> int:
        """Listen on 127.0.0.1; the port (0 asks for a free one). OSError when it is taken."""
        self._thread.start()

        async def listen() -> asyncio.Server:
            return await asyncio.start_server(self._accept, "127.0.0.1", port)

        try:
            self._server = asyncio.run_coroutine_threadsafe(listen(), self._loop).result()
        except OSError:
            self.stop()
            raise
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self.port

    def stop(self) -> None:
        """Close everything and end the thread. May be called again."""
        if self._loop.is_closed():
            return
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop.close()

    def cut(self, *, reset: bool = False) -> None:
        """Nothing passes any more; with `reset` the connections are torn down as well."""

        def close() -> None:
            self._open.clear()
            if reset:
                for writer in list(self._streams):
                    self._reset(writer)

        self._call(close)

    def back(self) -> None:
        """An undisturbed network again: ends `cut`, `slow` and `lossy`."""

        def clear() -> None:
            self._delay_ms, self._loss = 0, 0.0
            self._open.set()

        self._call(clear)

    def slow(self, delay_ms: int) -> None:
        """Each piece of the stream takes so long, in each direction."""
        if delay_ms < 0:
            raise ValueError("a delay can't be negative")
        self._delay_ms = delay_ms

    def lossy(self, probability: float) -> None:
        """Each piece of the stream is stalled, or its connection reset, with this probability."""
        if not 0 <= probability <= 1:
            raise ValueError("a probability is between 0 and 1")
        self._loss = probability

    def _call(self, action: Callable[[], None]) -> None:
        """Run in the loop's thread and wait, so that what follows the call sees its effect."""

        if not self._thread.is_alive():
            raise RuntimeError("this network isn't running: start() it first")

        async def run() -> None:
            action()

        asyncio.run_coroutine_threadsafe(run(), self._loop).result()

    async def _shut(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._streams.add(writer)
        self.counts.connections += 1
        try:
            await self._open.wait()
            there, back = await asyncio.open_connection(*self._target)
            self._streams.add(back)
            for stream in (writer, back):
                stream.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._join(self._pump(reader, back, up=True), self._pump(there, writer, up=False))
            self._streams.discard(back)
            back.close()
        except (OSError, asyncio.CancelledError):
            # The broker refuses, or the proxy stops: the kiosk sees its connection end.
            pass
        finally:
            self._tasks.discard(task)
            self._streams.discard(writer)
            writer.close()

    async def _join(self, *pumps: Coroutine[Any, Any, None]) -> None:
        """Both directions end with the first that does."""
        tasks = [asyncio.ensure_future(pump) for pump in pumps]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, up: bool) -> None:
        with suppress(OSError):
            while True:
                data = await reader.read(_CHUNK_BYTES)
                await self._open.wait()
                if not data:
                    return
                if self._delay_ms:
                    await asyncio.sleep(self._delay_ms / 1000)
                if self._random.random() < self._loss:
                    if self._random.randrange(_RESET_SHARE) == 0:
                        self._reset(writer)
                        return
                    self.counts.stalls += 1
                    await asyncio.sleep(self._random.randint(*self._stall_ms) / 1000)
                await self._open.wait()
                writer.write(data)
                await writer.drain()
                if up:
                    self.counts.up_bytes += len(data)
                else:
                    self.counts.down_bytes += len(data)

    def _reset(self, writer: asyncio.StreamWriter) -> None:
        self.counts.resets += 1
        with suppress(OSError):
            # Linger 0 makes close() send RST, as a router that lost its state does.
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        writer.transport.abort()
