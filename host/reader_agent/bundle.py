"""The bundle that `tapledger readers add` wrote: read, and used by one agent at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from host import fields
from host.errors import HostError
from protocol.wire import bundle
from protocol.wire.form import FormError

SIZE_MAX = 8192


@contextmanager
def used(path: Path) -> Iterator[dict[str, Any]]:
    """Its fields, as protocol.wire.bundle has them; held until the end. HostError."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise HostError(
            f"{path} cannot be read ({error.strerror}): `tapledger readers add NAME --out {path}` makes it."
        ) from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise HostError(f"Another agent runs with {path}: each reader has a bundle of its own.") from None
        try:
            given = bundle.decode(file.read(SIZE_MAX))
        except (FormError, OSError) as error:
            raise HostError(f"{path} is no bundle ({fields.of_form(error)}): have it made anew.") from None
        yield given
