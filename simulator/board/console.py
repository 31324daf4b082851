"""The serial console of a board: every byte to a file, the last lines at hand."""

import threading
from collections import deque
from pathlib import Path
from typing import Final

_KEPT_LINES: Final = 400


class Console:
    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._rest = b""
        self._lock = threading.Lock()

    def feed(self, data: bytes) -> None:
        with self.path.open("ab") as log:
            log.write(data)
        with self._lock:
            *lines, self._rest = (self._rest + data).split(b"\n")
            self._lines.extend(line.decode(errors="replace").rstrip("\r") for line in lines)

    def note(self, text: str) -> None:
        """A line of the simulator's own, on a line of its own."""
        self.feed((b"\n" if self._rest else b"") + text.encode() + b"\n")

    def tail(self, count: int = _KEPT_LINES, *, unfinished: bool = False) -> list[str]:
        """The last complete lines; with `unfinished` also the one that has no end yet."""
        with self._lock:
            lines = list(self._lines)
            if unfinished and self._rest:
                lines.append(self._rest.decode(errors="replace"))
        return lines[-count:]
