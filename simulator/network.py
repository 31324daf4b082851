"""The network between a kiosk and the broker: a TCP proxy on 127.0.0.1 that can be cut, slowed and made
lossy.

A cut is silent, as in a radio network: nothing is forwarded and nobody is told; what was on its way arrives
after `back()`. New connections are accepted by the machine's own TCP and wait. `cut(reset=True)` tears
connections down.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

from simulator.disturbance import Counts, Disturbance

# A broker that leaves Nagle on (iotcore) waits for our ACK, which Linux would delay by 40 ms.
_QUICKACK: Final[int | None] = getattr(socket, "TCP_QUICKACK", None)
_CHUNK_BYTES: Final = 16384


class Network:
    """One kiosk's way to the broker. All methods may be called from any thread, between `start` and
    `stop`.
    """

    def __init__(self, target_port: int, *, seed: int = 0, stall_ms: tuple[int, int] = (50, 400)) -> None:
        self._target_port = target_port
        self._disturbance = Disturbance(seed, stall_ms)
        self.slow, self.lossy = self._disturbance.slow, self._disturbance.lossy
        self.counts = Counts()
        self.port = 0
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
            self._disturbance.clear()
            self._open.set()

        self._call(clear)

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
        back: asyncio.StreamWriter | None = None
        try:
            await self._open.wait()
            there, back = await asyncio.open_connection("127.0.0.1", self._target_port)
            self._streams.add(back)
            for stream in (writer, back):
                stream.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._join(
                self._pump(reader, writer, back, up=True), self._pump(there, back, writer, up=False)
            )
        except (OSError, asyncio.CancelledError):
            # The broker refuses, or the proxy stops: the kiosk sees its connection end.
            pass
        finally:
            self._tasks.discard(task)
            for end in (writer, back):
                if end is not None:
                    self._streams.discard(end)
                    end.close()

    async def _join(self, *pumps: Coroutine[Any, Any, None]) -> None:
        """Both directions end with the first that does."""
        tasks = [asyncio.ensure_future(pump) for pump in pumps]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        source: asyncio.StreamWriter,
        writer: asyncio.StreamWriter,
        *,
        up: bool,
    ) -> None:
        """From one side to the other; `source` writes to the side that `reader` reads from."""
        with suppress(OSError):
            while True:
                data = await reader.read(_CHUNK_BYTES)
                if _QUICKACK is not None:
                    source.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
                await self._open.wait()
                if not data:
                    return
                if not await self._disturbance.survives(self.counts):
                    self._reset(writer)
                    return
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
