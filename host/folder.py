"""The data folder itself: made, writable, and of one host at a time."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from host.db import whereabouts
from host.errors import HostError

LOCK = "lock"
LOCK_WAIT_S = 3.0


def make(data: Path) -> None:
    """The folder, when there is none; HostError when it can't be used."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise HostError(f"{data} is a file, not a folder: choose another with --data.") from None
    except OSError as error:
        raise HostError(f"{data} cannot be made ({error.strerror}): choose another with --data.") from None
    if not os.access(data, os.W_OK | os.X_OK):
        raise HostError(f"{data} cannot be written: change its rights, or choose another with --data.")


def unwritable(data: Path, error: OSError) -> HostError:
    """The sentence for a folder that the system does not let us write."""
    return HostError(f"{data} cannot be written ({error.strerror}): choose another folder with --data.")


@contextmanager
def lock(data: Path) -> Iterator[None]:
    """Keep other hosts away from this folder and its books; one that just died is waited for. HostError.

    Books in PostgreSQL have a lock there: see host.db.lease.
    """
    where = whereabouts.place(data)
    names = [data / LOCK]
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
    deadline = time.monotonic() + LOCK_WAIT_S
    try:
        file = os.fdopen(os.open(name, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "ab")
    except OSError as error:
        raise unwritable(name.parent, error) from None
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
