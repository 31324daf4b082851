"""A till on a kiosk's second serial line: it asks, and keeps what is answered. docs/till.md has the words."""

import os
import threading
import tty
from binascii import crc32

_READ_BYTES = 4096


def line(text: str) -> bytes:
    """A text as it goes over the line, with its check."""
    return b"%s*%08X\r\n" % (text.encode(), crc32(text.encode()))


class SerialTill:
    """Behind a pseudo-terminal, whose other end is `path`. Safe from any thread."""

    def __init__(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)  # held open, or the line would hang up while the kiosk has no power
        self.path = os.ttyname(self._slave)
        self._changed = threading.Condition()
        self._answers: list[str] = []
        self._thread = threading.Thread(target=self._listen, name=f"till {self.path}", daemon=True)
        self._thread.start()

    def say(self, data: bytes) -> None:
        """Whatever a till may send."""
        os.write(self._master, data)

    def ask(self, text: str) -> None:
        """One line, with its check; what was answered before is forgotten."""
        with self._changed:
            self._answers.clear()
        self.say(line(text))

    def answers(self) -> list[str]:
        """All lines that came by now; one whose check is wrong begins with a question mark."""
        with self._changed:
            return list(self._answers)

    def heard(self, text: str, timeout_s: float) -> bool:
        """Wait until the last line that came is this one."""
        with self._changed:
            return self._changed.wait_for(lambda: self._answers[-1:] == [text], timeout_s)

    def stop(self) -> None:
        """The line is pulled; safe to call twice."""
        if self._slave < 0:
            return
        slave, self._slave = self._slave, -1
        os.write(slave, b"\n")  # wakes the thread
        self._thread.join()
        os.close(slave)
        os.close(self._master)

    def _listen(self) -> None:
        held = b""
        while self._slave >= 0:
            try:
                held += os.read(self._master, _READ_BYTES)
            except OSError:
                return
            *rows, held = held.split(b"\n")
            with self._changed:
                for row in filter(None, map(bytes.strip, rows)):
                    text, _, check = row.partition(b"*")
                    shown = text.decode(errors="replace")
                    self._answers.append(shown if check == b"%08X" % crc32(text) else "?" + shown)
                self._changed.notify_all()
