"""`tapledger serve`: what is wrong with books, keys, port or folder is one sentence, before anything runs."""

from pathlib import Path

from host import folder, installation
from host.db import lease, schema
from host.db.connection import FAULTS
from host.db.engine import Database
from host.errors import HostError
from host.intercom import SOCKET_NAME
from host.intercom.server import listen
from host.processes import ready
from host.processes.port import bind
from host.processes.supervisor import Supervisor


def _must_be_free(database: Database) -> None:
    """HostError when another host serves a PostgreSQL database: the intake will hold its lock, not we."""
    try:
        held = lease.take(database)
    except FAULTS as error:
        raise schema.unusable(database.name, error) from None
    if held is not None:
        held.close()


def _must_be_writable(database: Database) -> None:
    """HostError for a file or a server that lets us read only."""
    try:
        with database.write() as connection:  # of no row: on a full disk we start, and say so in /health
            connection.execute("UPDATE settings SET value = value WHERE name IS NULL")
    except FAULTS as error:
        raise schema.unusable(database.name, error) from None
    finally:
        database.close()  # before the fork


def serve(
    data: Path,
    passphrase_file: Path | None,
    port: int,
    broker: tuple[str, int],
    ready_file: Path | None,
    log_format: str,
    workers: int = 1,
) -> None:
    """Run until a signal ends it; workers: how many take reports. HostError before anything is served."""
    if ready_file is not None:
        ready.clear(ready_file)
    opened = installation.open_(data, passphrase_file)
    opened.database.close()
    if workers > 1 and isinstance(opened.database.where, Path):
        raise HostError(
            "Several workers need PostgreSQL: one SQLite file has one writer. Leave --workers out, or begin "
            "with `tapledger init --database postgresql://...`."
        )
    _must_be_free(opened.database)
    # The lock is held by this process and, as it is forked, by the intake: until both are gone.
    with bind(port) as http, folder.lock(data), listen(data) as local:
        _must_be_writable(opened.database)
        Supervisor(opened, broker, http, local, log_format, workers).run(ready_file)
        (data / SOCKET_NAME).unlink(missing_ok=True)
