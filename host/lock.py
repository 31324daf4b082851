"""One host at a time serves a data folder, and its books where they are a file."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from host import installation
from host.db import engine
from host.errors import HostError

NAME = "lock"
WAIT_S = 3.0


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Keep other hosts away from this folder and its books; one that just died is waited for. HostError.

    Books in PostgreSQL have a lock there: see host.db.lease.
    """
    where = engine.place(data)
    names = [data / NAME]
    if isinstance(where, Path):
        if where.stat().st_nlink > 1:
            raise HostError(
                f"{where} is one file under several names, and SQLite keeps a journal for each of them: "
                "remove the other names, or make this one a symbolic link."
            )
        names.append(where.resolve().with_name(f"{where.resolve().name}.lock"))
    with ExitStack() as held:
        for name in names:
            held.enter_context(_locked(name, data))
        yield


def _locked(name: Path, data: Path) -> IO[bytes]:
    deadline = time.monotonic() + WAIT_S
    try:
        file = os.fdopen(os.open(name, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "ab")
    except OSError as error:
        raise installation.unwritable(name.parent, error) from None
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except BlockingIOError:
            if time.monotonic() > deadline:
                file.close()
                raise HostError(
                    f"Another host serves {data}: stop it first, or choose another --data."
                ) from None
            time.sleep(0.05)
