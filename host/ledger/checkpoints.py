"""Checkpoints: now and then the key keeper MACs where the chain stands.

Whoever edits the books and makes every later link anew has no key to make these anew as well. Each stands in
the table and as a line of JSON in the data folder's checkpoints.log, which is meant to be copied away from
this machine: then not even the books of an older backup can take the place of the newest.
"""

import hmac
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from host import clock
from host.db.connection import Connection
from host.db.engine import Database
from host.ledger import chain

FILE_NAME = "checkpoints.log"
CHECKPOINT_EVERY = 10_000  # transactions
NUMBER_BITS = 63  # of a transaction's number
_START = b'{"writer"'  # of each line
Mac = Callable[[bytes], bytes]


class Checkpoint(NamedTuple):
    """The link of a partition's transaction at a time, and its MAC."""

    writer: int
    transaction_id: int
    link: bytes
    at_s: int
    mac: bytes

    @property
    def text(self) -> bytes:
        """What the MAC is over."""
        return f"checkpoint|{self.writer}|{self.transaction_id}|{self.link.hex()}|{self.at_s}".encode()

    def to_line(self) -> bytes:
        """Its line in the log."""
        content = {
            "writer": self.writer,
            "transaction": self.transaction_id,
            "link": self.link.hex(),
            "at_s": self.at_s,
            "mac": self.mac.hex(),
        }
        return json.dumps(content).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> "Checkpoint":
        """ValueError for what is no line of ours."""
        try:
            row = json.loads(line)
            made = cls(
                *(int(row["writer"]), int(row["transaction"]), bytes.fromhex(row["link"])),
                *(int(row["at_s"]), bytes.fromhex(row["mac"])),
            )
        except (KeyError, TypeError, OverflowError, RecursionError) as error:
            raise ValueError(str(error)) from None
        if made.transaction_id.bit_length() > NUMBER_BITS:  # the database could not even be asked for it
            raise ValueError(f"no transaction is {made.transaction_id}")
        return made


class Checkpoints:
    """Takes them for one writer. mac: the keeper's; folder: of the log, None: the table alone."""

    def __init__(self, database: Database, mac: Mac, folder: Path | None) -> None:
        self._database = database
        self._mac = mac
        self._log = None if folder is None else folder / FILE_NAME
        self._last: int | None = None

    def after(self, transaction_id: int, at_least: int = CHECKPOINT_EVERY) -> bool:
        """The books go up to here by now: a checkpoint, when so many transactions came since the last."""
        if self._last is None:
            with self._database.read() as connection:
                self._last = _newest(connection, self._database.writer)
        if transaction_id - self._last < at_least:
            return False
        with self._database.write() as connection:
            kept = connection.remembered()
            writer = self._database.writer
            row = connection.execute(
                "SELECT last_transaction, link FROM chains WHERE writer = ?", (writer,)
            ).fetchone()
            if row is None or row[0] <= _newest(connection, writer):
                return False
            made = Checkpoint(writer, row[0], bytes(row[1]), clock.now_s(), b"")
            made = made._replace(mac=self._mac(made.text))
            if self._log is not None:
                _append(self._log, made.to_line())  # before the commit: what the table has, the log has
            connection.execute(
                "INSERT INTO checkpoints (writer, transaction_id, link, mac, at_s) VALUES (?, ?, ?, ?, ?)",
                (made.writer, made.transaction_id, made.link, made.mac, made.at_s),
            )
            if kept is not None:
                connection.remember(kept)  # it is of accounts and kiosks, of which this changes nothing
        self._last = made.transaction_id
        return True


def _newest(connection: Connection, writer: int) -> int:
    row = connection.execute(
        "SELECT max(transaction_id) AS last FROM checkpoints WHERE writer = ?", (writer,)
    ).fetchone()
    return chain.first_number(writer) if row["last"] is None else int(row["last"])


def _append(path: Path, line: bytes) -> None:
    """OSError when not all of the line could be written: then nothing of it stays."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":  # power went in the middle of a line
            line = b"\n" + line
        try:
            while line:  # a disk that is almost full takes a part
                line = line[os.write(descriptor, line) :]
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, size)
            raise
    finally:
        os.close(descriptor)


def faults(connection: Connection, mac: Mac | None, folder: Path | None) -> list[str]:
    """A sentence for each checkpoint that does not hold. mac: None when the keys are not at hand."""
    table = [
        Checkpoint(writer, number, bytes(link), at_s, bytes(made))
        for writer, number, link, at_s, made in connection.tuples(
            "SELECT writer, transaction_id, link, at_s, mac FROM checkpoints ORDER BY writer, transaction_id"
        )
    ]
    links = {
        number: bytes(link)
        for number, link in connection.tuples(
            "SELECT t.id, t.link FROM transactions t JOIN checkpoints c ON c.transaction_id = t.id"
        )
    }
    found = []
    try:
        lines = _lines(folder)
    except OSError as error:
        found.append(f"{FILE_NAME} cannot be read ({error.strerror}): see to the file and its rights")
        lines = None
    if lines is None:
        return found + [fault for made in table for fault in _held(made, links, mac, "checkpoint")]
    logged = set()
    for at, line in enumerate(lines, 1):
        try:
            made = Checkpoint.from_line(line)
        except ValueError:
            if not _is_torn(line):
                found.append(f"line {at} of {FILE_NAME} is no checkpoint")
            continue
        logged.add(made)
        if made.transaction_id not in links:
            rows = connection.tuples("SELECT link FROM transactions WHERE id = ?", (made.transaction_id,))
            links |= {made.transaction_id: bytes(rows[0][0])} if rows else {}
        found += _held(made, links, mac, "logged checkpoint")
    for made in table:
        if made not in logged:
            found += [f"checkpoint {made.transaction_id} is not in {FILE_NAME} as it is in the books"]
            found += _held(made, links, mac, "checkpoint")
    return found


def _lines(folder: Path | None) -> list[bytes] | None:
    """Of the log, None where there is none. OSError."""
    path = None if folder is None else folder / FILE_NAME
    return None if path is None or not path.exists() else path.read_bytes().splitlines()


def _is_torn(line: bytes) -> bool:
    return (line.startswith(_START) or _START.startswith(line)) and not line.endswith(b"}")


def _held(made: Checkpoint, links: dict[int, bytes], mac: Mac | None, name: str) -> Iterator[str]:
    link = links.get(made.transaction_id)
    if link is None:
        yield f"the books do not hold transaction {made.transaction_id} of a {name}"
    elif link != made.link:
        yield f"the chain at transaction {made.transaction_id} is not what its {name} says: it was made anew"
    if mac is not None and not hmac.compare_digest(mac(made.text), made.mac):
        yield f"the MAC of {name} {made.transaction_id} is not the key keeper's"
