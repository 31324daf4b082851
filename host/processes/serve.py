"""`tapledger serve`: what is wrong with books, keys, port or folder is one sentence, before anything runs."""

from dataclasses import replace
from pathlib import Path

import structlog

from host import clock, folder, installation, zone
from host.errors import HostError
from host.intercom import SOCKET_NAME
from host.intercom.server import listen
from host.processes import alone, ready
from host.processes.port import bind
from host.processes.supervisor import Supervisor

_log = structlog.get_logger()


def serve(
    data: Path,
    passphrase_file: Path | None,
    port: int,
    broker: tuple[str, int],
    ready_file: Path | None,
    log_format: str,
    workers: int = 1,
    readers: tuple[str, ...] = (),
    tls: bool = False,
) -> None:
    """Run until a signal ends it; workers: how many take reports; readers: names for the clerk's page;
    tls: to the broker.

    HostError before anything is served.
    """
    if ready_file is not None:
        ready.clear(ready_file)
    opened = replace(installation.open_(data, passphrase_file), readers=readers, tls=tls)
    with opened.database.read() as connection:
        zone.follow(zone.kept(connection))
    opened.database.close()
    if workers > 1 and isinstance(opened.database.where, Path):
        raise HostError(
            "Several workers need PostgreSQL: one SQLite file has one writer. Leave --workers out, or begin "
            "with `tapledger init --database postgresql://...`."
        )
    alone.must_be_free(opened.database)
    if clock.AHEAD:
        _log.warning("the clock is not the machine's: what is booked bears its time", file=clock.AHEAD)
    # The lock is held by this process and, as it is forked, by the intake: until both are gone.
    with bind(port) as http, folder.lock(data), listen(data) as local:
        alone.must_be_writable(opened.database)
        Supervisor(opened, broker, http, local, log_format, workers, readers).run(ready_file)
        (data / SOCKET_NAME).unlink(missing_ok=True)
