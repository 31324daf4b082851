"""The folder of a world: one at a time writes there."""

import fcntl
import os
from pathlib import Path


class WorldError(RuntimeError):
    """The world can't be started or changed; the sentence says what to do."""


def lock(folder: Path) -> int:
    """Make the folder and hold its lock, so that no second world writes there; WorldError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / "simulator.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise WorldError(
            f"can't write to the data folder {folder} ({error.strerror}): choose another with --data FOLDER"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise WorldError(
            f"another simulator is running on {folder}: stop it, or choose another folder with --data FOLDER"
        ) from error
    return descriptor
