"""Puts a PN532 behind a pseudo-terminal, as a serial port that any program can open by its path.

A terminal that was set to another speed than the chip's carries nothing either way, as on a wire. One whose
speed nobody has set (a test that opens the path by itself) passes at any.
"""

import contextlib
import os
import selectors
import termios
import threading
import tty

from simulator.reader.pn532 import Pn532
from simulator.reader.upkeep import BAUD_RATES

_READ_BYTES = 4096
_OUTPUT_SPEED = 5  # in the list of termios.tcgetattr
# The system's names of the rates it knows, 1288000 not being one of them.
_SPEEDS = {getattr(termios, f"B{baud}", baud): baud for baud in BAUD_RATES}


class PtyReader:
    """One thread between the terminal's master side and the chip. `path` is there after start()."""

    def __init__(self, pn532: Pn532) -> None:
        self.pn532 = pn532
        self.path = ""
        self._thread: threading.Thread | None = None
        self._fds: list[int] = []
        self._closing = threading.Lock()

    def start(self) -> "PtyReader":
        """Opens the terminal. Raises RuntimeError when it is open already."""
        if self._thread is not None:
            raise RuntimeError("this reader is already being served: stop() it first")
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        # The slave side stays open here, or the line would hang up whenever a program closes and re-opens it.
        wake_out, wake_in = os.pipe()
        os.set_blocking(wake_in, False)
        self._fds = [master, slave, wake_out, wake_in]
        self.path = os.ttyname(slave)
        self._unset_speed = termios.tcgetattr(slave)[_OUTPUT_SPEED]
        self._stopping = False
        self._thread = threading.Thread(target=self._serve, name=f"pn532 {self.path}", daemon=True)
        self.pn532.field.subscribe(self._on_field)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Closes the terminal; a second call does nothing."""
        if self._thread is None:
            return
        self.pn532.field.unsubscribe(self._on_field)
        self._stopping = True
        self._wake()
        self._thread.join()
        self._thread = None
        with self._closing:
            fds, self._fds = self._fds, []
            for fd in fds:
                os.close(fd)

    def __enter__(self) -> "PtyReader":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _on_field(self, kind: str, detail: str) -> None:
        if kind == "placed":
            self._wake()

    def _wake(self) -> None:
        # A card may be placed while another thread stops the reader; a full pipe wakes as well.
        with self._closing, contextlib.suppress(BlockingIOError):
            if self._fds:
                os.write(self._fds[3], b"\x00")

    def _serve(self) -> None:
        master, _, wake_out, _ = self._fds
        with selectors.DefaultSelector() as selector:
            selector.register(master, selectors.EVENT_READ)
            selector.register(wake_out, selectors.EVENT_READ)
            while not self._stopping:
                ready = {key.fd for key, _ in selector.select(self.pn532.due_s())}
                if wake_out in ready:
                    os.read(wake_out, _READ_BYTES)
                if master in ready:
                    came = os.read(master, _READ_BYTES)
                    if not self._same_speed():
                        continue
                    for piece in self.pn532.answers(came):
                        self._send(master, piece)
                self._send(master, self.pn532.poll())

    def _same_speed(self) -> bool:
        """Whether host and chip understand each other.

        While a change is under way both rates pass, and bytes at the new one are as good as the ACK that asks
        for it: we may see that only after the host has changed, or not at all when it flushed its output.
        """
        speed = termios.tcgetattr(self._fds[1])[_OUTPUT_SPEED]
        chip = self.pn532.upkeep
        baud = _SPEEDS.get(speed, speed)
        if baud == chip.next_baud:
            chip.acknowledged()
        return speed == self._unset_speed or baud == chip.baud

    def _send(self, master: int, data: bytes) -> None:
        """Into the line; when the terminal is full as nobody reads, the bytes are lost, as on a wire."""
        while data and self._same_speed():
            try:
                data = data[os.write(master, data) :]
            except BlockingIOError:
                return
