"""A PostgreSQL server for tests and benchmarks: databases, crashes, restarts.

On 127.0.0.1 only, with a password drawn for each cluster: a superuser of PostgreSQL may run programs on this
machine, and other people may work there.
"""

import contextlib
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from simulator.broker import free_port
from simulator.child import Child, ChildError, run_to_end
from simulator.leash import Leash
from simulator.postgres_programs import children, found_programs, server_user

_READY_TIMEOUT_S = 60.0  # a killed one replays its log first
_INITDB_TIMEOUT_S = 120.0
_TRIES = 3
_MEMORY_BYTES_MIN = 2_000_000_000  # containers often have 64 MB
_OWNER = "tapledger"

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "dynamic_shared_memory_type": "mmap",  # in the data folder, so that a killed one leaves nothing behind
    "max_connections": "50",
    "log_checkpoints": "off",
}
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
if sys.platform == "darwin":  # fsync there leaves data in the drive's cache
    _DURABLE["wal_sync_method"] = "fsync_writethrough"
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """One cluster on one port, which stays the same over stop, kill and start.

    `folder` becomes the cluster's own and must be within reach of `server_user()`; where root runs pytest,
    its tmp_path is not. What was committed survives kill(), unless `fast`: that one writes when it likes.
    """

    def __init__(self, folder: Path, leash: Leash, fast: bool = False, programs: Path | None = None) -> None:
        found = [programs] if programs else found_programs()
        if not found:
            raise ChildError("PostgreSQL is not installed: apt install postgresql")
        self.programs = found[0]
        self.port = free_port()
        self._folder = folder
        self._data = folder / "data"
        self._settings = _SETTINGS | (_FAST if fast else _DURABLE)
        self._fast = fast
        self._user = server_user()
        self._password = secrets.token_hex(16)
        self._was_up = False
        self._child = Child(
            "PostgreSQL",
            folder / "postgres.log",
            leash,
            cwd=self._data,
            user=self._user,
            stop_signal=signal.SIGINT,  # does not wait for clients to leave, as it would after SIGTERM
        )

    @property
    def alive(self) -> bool:
        return self._child.alive

    def url(self, database: str) -> str:
        """Where the owner of the databases that create() makes finds this one."""
        return self._url(_OWNER, database)

    def start(self) -> None:
        """Returns when it answers, recovered from what happened before; ChildError when it does not."""
        if not (self._data / "PG_VERSION").exists():
            self._init()
        for attempt in range(_TRIES):
            if attempt and not self._was_up:
                self.port = free_port()  # someone else may have taken it in between; nobody was told ours yet
            self._child.start(self._command())
            if self._ready():
                break
            why = self._why()
            self.kill()
        else:
            raise ChildError(
                f"PostgreSQL did not start on 127.0.0.1:{self.port}: {why or 'no reason given'}. "
                f"Its log is {self._child.log}; its programs are in {self.programs}."
            )
        if not self._was_up:
            self._was_up = True
            statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
            with self._admin() as admin:
                admin.execute(statement.format(sql.Identifier(_OWNER), sql.Literal(self._password)))

    def stop(self) -> None:
        """End it in good order: open transactions are rolled back, their clients lose the connection."""
        self._child.stop()

    def kill(self) -> None:
        """SIGKILL to the server and each of its processes, as if the machine had lost power."""
        postmaster = self._child.pid
        if postmaster is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(postmaster, signal.SIGSTOP)  # so that it starts no other while we look
        workers = children(postmaster)  # each in a group of its own, out of the child's reach
        self._child.kill()
        for worker in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)

    def create(self, database: str, template: str = "template0") -> str:
        """A new database -> its url(): empty, or a copy of another that nobody is connected to."""
        with self._admin() as admin:
            quick = self._fast and admin.info.server_version >= 150_000  # no checkpoint waits for a disk
            statement = "CREATE DATABASE {} OWNER {} TEMPLATE {}" + " STRATEGY FILE_COPY" * quick
            admin.execute(sql.SQL(statement).format(*map(sql.Identifier, (database, _OWNER, template))))
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database; whoever is still connected to it is thrown out."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        with self._admin() as admin:
            admin.execute(statement.format(sql.Identifier(database)))

    def _url(self, role: str, database: str) -> str:
        return f"postgresql://{role}:{self._password}@127.0.0.1:{self.port}/{database}"

    def _admin(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self._url("postgres", "postgres"), autocommit=True)

    def _init(self) -> None:
        self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
        password = self._folder / "password"
        password.write_text(self._password, encoding="utf-8")
        password.chmod(0o600)
        if self._user is not None:
            for path in (self._folder, self._data, password):
                shutil.chown(path, self._user)
        argv = [str(self.programs / "initdb"), "-D", str(self._data), "--no-locale", "--encoding=UTF8"]
        argv += ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={password}"]
        argv += ["--no-sync"] * self._fast
        run_to_end("PostgreSQL's initdb", argv, _INITDB_TIMEOUT_S, cwd=self._folder, user=self._user)

    def _command(self) -> list[str]:
        settings: dict[str, Any] = self._settings | {"port": self.port}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self._data), *options]

    def _why(self) -> str:
        """What was fatal; after it the log only says that all is shut down."""
        lines = self._child.log.read_text(encoding="utf-8", errors="replace").splitlines()
        fatal = [line for line in lines if "FATAL" in line]
        return fatal[-1] if fatal else self._child.last_words()

    def _ready(self) -> bool:
        """It notes its state in postmaster.pid, first and eighth line: process and "ready"."""
        deadline = time.monotonic() + _READY_TIMEOUT_S
        while time.monotonic() < deadline and self._child.alive:
            with contextlib.suppress(OSError):
                lines = (self._data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
                if len(lines) > 7 and int(lines[0]) == self._child.pid and lines[7].strip() == "ready":
                    return True
            time.sleep(0.01)
        return False


def _memory() -> Path | None:
    """A folder that no disk slows down (a new database is 300 files), where the system has a large one."""
    path = Path("/dev/shm")
    large = os.access(path, os.W_OK) and shutil.disk_usage(path).free >= _MEMORY_BYTES_MIN
    return path if large else None


@contextlib.contextmanager
def temporary(fast: bool = False) -> Iterator[Postgres]:
    """One that runs until the block ends, in a folder of its own that its user can reach."""
    leash = Leash()
    try:
        memory = _memory() if fast else None
        with tempfile.TemporaryDirectory(prefix="tapledger-postgres-", dir=memory) as folder:
            server = Postgres(Path(folder), leash, fast)
            try:
                server.start()
                yield server
            finally:
                server.stop()
    finally:
        leash.close()
