"""A simulated ESP32 board: the unmodified firmware under real MicroPython, its flash, pins, buses and
power switch.
"""

import dataclasses
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from simulator.board import link
from simulator.board.chip import Chip, State
from simulator.board.console import Console
from simulator.board.flash import PARTITIONS, ensure_image, flash_firmware
from simulator.board.life import run_out
from simulator.board.process import HEAP_BYTES, BoardError, Process, Wiring

_STARTS_AGAIN: Final = {"reset": 2, "watchdog": 3}  # as machine.reset_cause() says it


class Board:
    """One board with its own folder (romfs.flash, vfs.flash, journal.flash, console.log). Safe from any
    thread. rom: firmware.img, which the workshop flashes, with frozen.romfs beside it.
    `changed` is notified after each event; `chip` holds what can be seen from outside, and the callbacks.
    """

    def __init__(
        self,
        run_dir: Path,
        rom: Path,
        *,
        uart: Path | None = None,
        till: Path | None = None,
        i2c: int | None = None,
        heap_bytes: int = HEAP_BYTES,
        interpreter: Path | None = None,
    ) -> None:
        run_dir = run_dir.resolve()
        self._empty_dir = run_dir / "empty"
        self._empty_dir.mkdir(parents=True, exist_ok=True)
        self._wiring = Wiring(
            flash={label: run_dir / f"{label}.flash" for label in PARTITIONS},
            uart=uart,
            till=till,
            frozen=rom.resolve().with_name("frozen.romfs"),
            i2c=i2c,
            heap_bytes=heap_bytes,
            interpreter=interpreter,
        )
        self.run_dir = run_dir
        self.rom = rom
        self.chip = Chip()
        self.console = Console(run_dir / "console.log")
        self.changed = threading.Condition()
        self.state = State.OFF
        self.crashes: list[str] = []
        self._access_point, self._armed = True, b""
        self._switch = threading.RLock()  # one hand on the power switch
        self._life = threading.Lock()  # guards _powered with _process: a reset must not undo a power cut
        self._powered = False
        self._process: Process | None = None
        self._thread: threading.Thread | None = None

    def power_on(self) -> None:
        """Start the firmware; nothing if it runs. BoardError: no MicroPython, image, reader, good folder."""
        with self._switch:
            if self.state is State.RUNNING:
                return
            self._join()
            if not self.rom.is_file():
                raise BoardError(f"no firmware image at {self.rom}: run `make firmware`")
            flash_firmware(self._wiring.flash["romfs"], self.rom)
            self._ensure_flash()
            with self._life:
                process = self._start()
                self.chip.power(True)
                self._powered = True
            self._thread = threading.Thread(
                target=self._live, args=(process,), name=f"board {self.run_dir.name}", daemon=True
            )
            self._thread.start()

    def power_cut(self) -> None:
        """Pull the plug: SIGKILL, whatever it was doing. The flash images stay as they are."""
        with self._switch:
            with self._life:
                self._powered = False
                if self._process is not None:
                    self._process.kill()
            self._join()
            self.state = State.OFF

    def arm_power_cut(self, operation: int, seed: int = 1) -> None:
        """The power goes amid the `operation`-th flash operation from now, or from the next power on."""
        if operation < 1:
            raise ValueError("flash operations count from 1")
        self.chip.last_cut_operation = None
        command = link.cut_command(operation, seed)
        with self._life:
            if self._process is None:
                self._armed = command
            self._tell(command)

    def run_script(self, script: Path, *arguments: str, timeout_s: float = 20.0) -> None:
        """Run a MicroPython script on this board's flash while it is off. BoardError carries its output."""
        with self._switch:
            if self.state is State.RUNNING:
                raise BoardError("the board is on: switch it off before working on its flash")
            self._join()
            self._ensure_flash()
            wiring = dataclasses.replace(
                self._wiring, uart=None, till=None, frozen=None, script=script.resolve(), extra=arguments
            )
            process = Process(wiring, self._empty_dir)
            watch = threading.Timer(timeout_s, process.kill)
            watch.start()
            run_out(process, self.chip, self.console, self.changed)
            code = process.finish()
            watch.cancel()
            if code != 0:
                raise BoardError(
                    f"{script.name} ended with {code}: " + "\n".join(self.console.tail(20, unfinished=True))
                )

    def access_point(self, up: bool) -> None:
        """Whether the Wi-Fi station finds its access point; stays so over power cuts."""
        with self._life:
            self._access_point = up
            self._tell(link.access_point_command(up))

    def tell(self, command: bytes) -> None:
        """Send a command of simulator.board.link (clock, heap) to the chip; nothing when it is off."""
        with self._life:
            self._tell(command)

    def wait_for(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until the condition holds, looking again after each event of the board."""
        with self.changed:
            return self.changed.wait_for(condition, timeout_s)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def _ensure_flash(self) -> None:
        for path in self._wiring.flash.values():
            ensure_image(path)

    def _start(self, cause: int | None = None) -> Process:
        first = link.access_point_command(self._access_point) + self._armed
        self._process = Process(dataclasses.replace(self._wiring, cause=cause), self._empty_dir, first)
        self._armed = b""
        self.state = State.RUNNING
        self.chip.start()
        return self._process

    def _live(self, process: Process) -> None:
        """The board's thread: one process after the other, until the power goes or the firmware ends."""
        while True:
            ending = run_out(process, self.chip, self.console, self.changed)
            with self._life:
                self._process = None
                code = process.finish()
                if not self._powered:
                    ending = "cut"
                try:
                    if ending in _STARTS_AGAIN:
                        process = self._start(_STARTS_AGAIN[ending])
                        continue
                except (OSError, BoardError) as error:
                    self.console.note(f"the board can't start again: {error}")
                self._powered = False
                self.chip.power(False)
            with self.changed:
                if ending == "cut":
                    self.state = State.OFF
                else:
                    self.state = State.CRASHED
                    last = "\n".join(self.console.tail(30, unfinished=True))
                    self.crashes.append(f"the firmware ended by itself (exit code {code}):\n{last}")
                self.changed.notify_all()
            return

    def _tell(self, command: bytes) -> None:
        with suppress(OSError):
            if self._process is not None:
                self._process.control.sendall(command)

    def _join(self) -> None:
        if self._thread is not None:
            self._thread.join()
            self._thread = None
