"""The file with a new terminal's bundle: a secret, written once, and only when the host gave one."""

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from host.errors import HostError


def write(out: Path, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Ask the host, and write the `bundle` of its answer, which is returned. HostError, and then no file."""
    try:
        file = os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except OSError as error:
        raise HostError(f"{out} cannot be written ({error.strerror}): choose another file.") from None
    with file:
        try:
            made = ask()
            file.write(base64.b64decode(made["bundle"]))
        except BaseException:
            out.unlink()
            raise
    return made
