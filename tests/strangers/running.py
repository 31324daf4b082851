"""Runs a stranger's program against the emulator: over a pty, or with its bus at the end of a pipe."""

import json
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from simulator.reader.buses import I2cBus, SpiBus

STRANGERS = Path(__file__).parent
_TIMEOUT_S = 60.0


def run(
    python: Path,
    stranger: str,
    *words: str,
    bus: SpiBus | I2cBus | None = None,
    environment: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What `STRANGER/read.py WORDS` saw. It must end by itself with exit 0."""
    command = [str(python), "-I", str(STRANGERS / stranger / "read.py"), *words]
    pipe = subprocess.PIPE
    options = {"env": None if environment is None else dict(environment), "text": True}
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, **options) as process:  # type: ignore[call-overload]
        late = threading.Timer(_TIMEOUT_S, process.kill)
        late.start()
        try:
            saw = _serve(process, bus)
            errors = process.stderr.read() if process.stderr else ""
            assert process.wait() == 0, errors
        finally:
            late.cancel()
            process.kill()
    assert saw is not None, errors
    return saw


def _serve(process: subprocess.Popen[str], bus: SpiBus | I2cBus | None) -> dict[str, Any] | None:
    """Answers bus transactions until the program says what it saw; None when it ends before."""
    assert process.stdin is not None and process.stdout is not None
    for line in process.stdout:
        word, _, rest = line.strip().partition(" ")
        if word == "done":
            saw: dict[str, Any] = json.loads(rest)
            return saw
        process.stdin.write(_transactions(bus)[word](rest).hex() + "\n")
        process.stdin.flush()
    return None


def _transactions(bus: SpiBus | I2cBus | None) -> dict[str, Callable[[str], bytes]]:
    if isinstance(bus, SpiBus):
        return {"select": lambda _: bus.select() or b"", "shift": lambda data: bus.shift(bytes.fromhex(data))}
    assert isinstance(bus, I2cBus), "this program was to have a serial line"
    return {
        "write": lambda data: bus.write(bytes.fromhex(data)) or b"",
        "read": lambda count: bus.read(int(count)),
    }
