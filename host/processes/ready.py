"""The ready-file: written when HTTP answers and the intake takes reports, with port and the pid to signal."""

import json
import os
from pathlib import Path

import structlog

from host.errors import HostError

_log = structlog.get_logger()


def clear(ready_file: Path) -> None:
    """No ready-file of an earlier run, and a place where a new one can be; HostError."""
    try:
        ready_file.unlink(missing_ok=True)
        partial = _partial(ready_file)
        partial.touch()
        partial.unlink()
    except OSError as error:
        raise HostError(
            f"The ready-file {ready_file} cannot be written ({error.strerror}): name a file in a folder that "
            "is there with --ready-file."
        ) from None


def write(ready_file: Path, port: int) -> None:
    """{port, pid}, all at once; a place that went away since is only logged."""
    partial = _partial(ready_file)
    try:
        partial.write_text(json.dumps({"port": port, "pid": os.getpid()}))
        os.replace(partial, ready_file)
    except OSError as error:
        _log.error("the ready-file cannot be written", file=str(ready_file), fault=str(error))


def _partial(ready_file: Path) -> Path:
    return ready_file.with_name(ready_file.name + ".part")
