"""What a data folder holds, how it is made, and how it is opened.

tapledger.db     the books, or                  keys.sealed      master keys (0600)
passphrase       only with --demo (0600)        operator-token   the first operator's token (0600)
database         where they are (0600)          lock             held by the host that serves this folder
                                               tapledger.db.lock  by the one that serves these books
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from host import folder, keys, operators, private
from host.cards import keeper
from host.cards.keeper import Keeper
from host.db import engine, schema, whereabouts
from host.db.connection import faults
from host.db.engine import Database
from host.errors import HostError
from host.operators import Operator
from protocol.card.layout import VALUE_FEN_MAX

TOKEN = "operator-token"
FIRST_OPERATOR = "desk"
LIMIT_FEN = VALUE_FEN_MAX
INIT = "init"  # who made the first operator


@dataclass(frozen=True)
class Installation:
    """An opened data folder. readers: of this machine, offered to clerks beside those that are found; tls:
    the broker is reached by it, with certificates of these keys' authority."""

    data: Path
    database: Database
    keeper: Keeper
    readers: tuple[str, ...] = ()
    tls: bool = False

    def setting(self, name: str) -> str:
        """A value that was made once at init."""
        with self.database.read() as connection:
            row = connection.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise _unfinished(self.data)
        return str(row["value"])


def init(
    data: Path,
    passphrase_file: Path | None,
    demo: bool,
    database: str | None = None,
    token: keys.Token | None = None,
) -> bool:
    """Make what is missing; False when nothing was. HostError with a sentence for a folder we can't use."""
    folder.make(data)
    try:
        with alone(data):
            return _make(data, passphrase_file, demo, database, token)
    except faults() as error:
        raise schema.unusable(whereabouts.name_of(database or whereabouts.place(data)), error) from None
    except OSError as error:
        raise folder.unwritable(data, error) from None


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """One that writes keys at a time, a second one waits. The folder itself is locked, so nothing is left."""
    folder = os.open(data, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _make(
    data: Path, passphrase_file: Path | None, demo: bool, address: str | None, token: keys.Token | None
) -> bool:
    keys.sweep(data)
    private.sweep(data / TOKEN)
    keys.must_be_able(data, passphrase_file, demo, token)
    if address is not None:
        _choose(data, address)
    brought = engine.bring_up(whereabouts.place(data))
    database = engine.Database(whereabouts.place(data))
    try:
        has_rows = _has_rows(database)
        if has_rows and not keeper.exist(data):
            raise HostError(
                f"{database.name} holds books, and {data / keeper.FILE_NAME} that goes with them is not "
                "there: restore that file from a backup. New keys would know none of the cards."
            )
        opened, passphrase, made = keys.make_or_open(data, passphrase_file, demo, token)
        if has_rows:
            keys.must_belong(data, database, opened)  # before anything is added to keys of other books
        completed = opened.complete(passphrase)
        return _first_rows(data, database, opened) or made or completed or brought
    finally:
        database.close()


def _has_rows(database: Database) -> bool:
    with database.read() as connection:
        return operators.any_there(connection)


def _choose(data: Path, address: str) -> None:
    """Keep where the books are; once they are somewhere, they stay there."""
    file = data / whereabouts.ADDRESS
    if not file.exists() and not (data / whereabouts.FILE_NAME).exists():
        whereabouts.must_be_an_address(address, "--database")
        engine.connect(address).close()  # before it is kept: a mistyped one would stay
        private.write_new(file, address.encode() + b"\n")
    elif whereabouts.place(data) != address:
        raise HostError(
            f"The books of {data} are at {whereabouts.name_of(whereabouts.place(data))} and stay there."
        )


def open_(data: Path, passphrase_file: Path | None) -> Installation:
    """Open books and keys; HostError when one is not there or not fit, or they don't belong together."""
    database = engine.open_existing(whereabouts.place(data))
    database.folder = data
    try:
        if not _has_rows(database):
            raise _unfinished(data)
    except faults() as error:
        raise schema.unusable(database.name, error) from None
    opened = keys.open_(data, passphrase_file)
    keys.must_belong(data, database, opened)
    return Installation(data, database, opened)


def _unfinished(data: Path) -> HostError:
    return HostError(f"{data} was not finished: run `tapledger init --data {data}` again.")


def _first_rows(data: Path, database: Database, opened: Keeper) -> bool:
    """Its name at the broker, the keys' fingerprint, the first operator; False when they are there."""
    with database.write() as connection:
        if operators.any_there(connection):
            return False
        path = data / TOKEN
        if not path.exists():
            private.write_new(path, secrets.token_urlsafe(32).encode() + b"\n")
        token = path.read_text().strip()
        first = Operator(FIRST_OPERATOR, (operators.MACHINE,), LIMIT_FEN, LIMIT_FEN)
        operators.add(connection, first, None, INIT)
        operators.give_token(connection, FIRST_OPERATOR, token, INIT)
        made = [("client_id", f"tapledger-{secrets.token_hex(8)}"), (keys.SETTING, opened.fingerprint)]
        connection.insert("settings", "name, value", made)
    return True
