"""One life of the board: the MicroPython process, its descriptors and how it is started and killed."""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import termios
import tty
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulator.board.shim_rom import SHIM, ensure_shim_image

_LAUNCHER: Final = Path(__file__).parent / "launcher.py"

# What the firmware gets: a 64-bit build needs about 1.5 times what an ESP32 does. Every mode, an update and
# TLS run in it; tests/firmware/budgets holds the smallest that boots and sells.
HEAP_BYTES: Final = 112 * 1024
# What the shim holds of the heap; on the ESP32 its modules are C code in flash. A test measures it.
SHIM_HEAP_BYTES: Final = 25 * 1024
_PLAIN_HEAP_BYTES: Final = 1024 * 1024


class BoardError(RuntimeError):
    """The board can't be started; the text says what to do."""


@dataclass(frozen=True)
class Wiring:
    """What the start script is told; see simulator/board/shim/start.py."""

    flash: dict[str, Path]
    uart: Path | None = None
    till: Path | None = None  # the second serial line
    frozen: Path | None = None
    i2c: int | None = None  # address of the part on that bus
    heap_bytes: int = HEAP_BYTES
    interpreter: Path | None = None
    cause: int | None = None  # of the reset before this life, as machine.reset_cause() says it
    script: Path | None = None
    extra: tuple[str, ...] = ()


class Process:
    """Started on construction. `control` carries the link, `console` the serial console (both to be read
    by the owner).
    """

    def __init__(self, wiring: Wiring, empty_dir: Path, first_commands: bytes = b"") -> None:
        self.control, theirs = socket.socketpair()
        # Already waiting in the socket when the start script first looks, so they hold before the first line
        # of firmware.
        self.control.sendall(first_commands)
        life, self._life = os.pipe()
        console, console_end = os.pipe()
        self.console = console
        inherited = [theirs.fileno(), life]
        lines: dict[str, int] = {}
        try:
            for name, path in (("uart", wiring.uart), ("till", wiring.till)):
                if path is not None:
                    lines[name] = _open_serial(path)
                    inherited.append(lines[name])
            command = _command(wiring, link=theirs.fileno(), life=life, lines=lines)
            self._popen = subprocess.Popen(
                command,
                cwd=empty_dir,
                stdin=subprocess.DEVNULL,
                stdout=console_end,
                stderr=console_end,
                pass_fds=inherited,
                start_new_session=True,  # Ctrl-C goes to the simulator, which then stops its boards in order
            )
        except BaseException:
            self.control.close()
            os.close(self._life)
            os.close(console)
            raise
        finally:
            theirs.close()
            os.close(life)
            os.close(console_end)
            for descriptor in lines.values():
                os.close(descriptor)

    @property
    def pid(self) -> int:
        return self._popen.pid

    def kill(self) -> None:
        """Power cut: nothing of the process runs after this."""
        self._popen.kill()

    def finish(self) -> int:
        """Wait for the end and let go of everything; the exit code (negative: the signal)."""
        code = self._popen.wait()
        self.control.close()
        os.close(self._life)
        os.close(self.console)
        return code


def _open_serial(path: Path) -> int:
    """Non-blocking, because a UART never makes MicroPython wait and the flag stays with the open file."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError as error:
        raise BoardError(
            f"can't open the serial line {path}: {error.strerror}; start what hangs on it first"
        ) from error
    tty.setraw(descriptor)
    termios.tcflush(descriptor, termios.TCIOFLUSH)
    return descriptor


def _command(wiring: Wiring, *, link: int, life: int, lines: dict[str, int]) -> Sequence[str]:
    words = [f"link={link}", *(f"{label}={path}" for label, path in wiring.flash.items())]
    words += [f"{name}={descriptor}" for name, descriptor in lines.items()]
    if wiring.i2c is not None:
        words.append(f"i2c={wiring.i2c}")
    if wiring.cause is not None:
        words.append(f"cause={wiring.cause}")
    if wiring.script is not None:
        words += [f"script={wiring.script}", *wiring.extra]
    if wiring.interpreter is None and importlib.util.find_spec("micropython_unix") is not None:
        options = ["-X", f"heapsize={wiring.heap_bytes + SHIM_HEAP_BYTES}", str(SHIM / "start.py")]
        rom = wiring.flash["romfs"]
        shim_image = ensure_shim_image(rom.parent)
        if shim_image:
            words.append(f"shim=@{shim_image}")
        if wiring.frozen:
            words += [f"frozen=@{wiring.frozen}", f"rom=@{rom}"]
        return [sys.executable, str(_LAUNCHER), str(life), *options, *words]
    # A plain micropython can't be handed a mapped address: it loads ROM and shim into its heap, which is made
    # ample; whether the firmware fits an ESP32 is measured with the wheel only.
    found = str(wiring.interpreter) if wiring.interpreter else shutil.which("micropython")
    if found is None:
        raise BoardError("no MicroPython found: run `make setup`, or put a micropython >= 1.25 on PATH")
    if wiring.frozen:
        words += [f"frozen={wiring.frozen}", f"rom={wiring.flash['romfs']}"]
    return [found, "-X", f"heapsize={wiring.heap_bytes + _PLAIN_HEAP_BYTES}", str(SHIM / "start.py"), *words]
