"""A disk under SQLite that loses with the power what was not synced, and with a sync that fails too."""

import errno
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import apsw

from host.db import log
from host.db.engine import Database

BASE = "unix"  # SQLite's own way to files


class Disk(apsw.VFS):
    """The books' file and its log; made while nobody has them open. Other files are as ever."""

    def __init__(self, books: Path) -> None:
        self.syncs: list[str] = []  # endings of names, of those that succeeded, SQLite's and ours
        self.fails = False  # do ours fail?
        self.works = threading.Event()  # until it is set, ours hang
        self.works.set()
        self._lock = threading.Lock()
        self._books = str(books)
        self._durable = {"": bytearray(books.read_bytes())}
        self._dirty: dict[str, list[tuple[int, bytes | None]]] = {}
        super().__init__("power", BASE, makedefault=True)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        path = name.filename() if isinstance(name, apsw.URIFilename) else name or ""
        if path.startswith(self._books):
            return _File(self, path.removeprefix(self._books), name, flags)
        return apsw.VFSFile(BASE, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        super().xDelete(filename, syncdir)
        if filename.startswith(self._books):
            self._durable.pop(filename.removeprefix(self._books), None)
            self._dirty.pop(filename.removeprefix(self._books), None)

    def wrote(self, ending: str, offset: int, data: bytes | None) -> None:
        """data: None when the file ends here now."""
        with self._lock:
            self._dirty.setdefault(ending, []).append((offset, data))

    def synced(self, ending: str, fails: bool = False) -> None:
        """fails: the system counts it as written, as Linux does, and it is not."""
        with self._lock:
            image = self._durable.setdefault(ending, bytearray())
            for offset, data in () if fails else self._dirty.get(ending, ()):
                if data is None:
                    del image[offset:]
                else:
                    image.extend(bytes(max(0, offset - len(image))))
                    image[offset : offset + len(data)] = data
            self._dirty[ending] = []
            if not fails:
                self.syncs.append(ending)

    def after_a_cut(self, folder: Path) -> Database:
        """The books as they are found when the power goes now."""
        folder.mkdir()
        with self._lock:
            for ending, image in self._durable.items():
                (folder / f"books{ending}").write_bytes(image)
        return Database(folder / "books")

    def is_the_log(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), os.stat(f"{self._books}-wal"))
        except FileNotFoundError:
            return False


class _File(apsw.VFSFile):
    def __init__(
        self, disk: Disk, ending: str, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> None:
        self._disk = disk
        self._ending = ending
        super().__init__(BASE, name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        super().xWrite(data, offset)
        self._disk.wrote(self._ending, offset, bytes(data))

    def xTruncate(self, newsize: int) -> None:
        super().xTruncate(newsize)
        self._disk.wrote(self._ending, newsize, None)

    def xSync(self, flags: int) -> None:
        self._disk.synced(self._ending)
        super().xSync(flags)


@contextmanager
def under(books: Path) -> Iterator[Disk]:
    """Connections opened inside write to such a disk."""
    disk, sync, pwrite = Disk(books), log._sync, os.pwrite

    def ours(descriptor: int) -> None:
        if disk.is_the_log(descriptor):
            assert disk.works.wait(60)
            disk.synced("-wal", disk.fails)
            if disk.fails:
                raise OSError(errno.EIO, "Input/output error")
        sync(descriptor)

    def once_more(descriptor: int, data: bytes, offset: int) -> int:
        if disk.is_the_log(descriptor):
            disk.wrote("-wal", offset, data)
        return pwrite(descriptor, data, offset)

    try:
        with mock.patch.object(log, "_sync", ours), mock.patch.object(log.os, "pwrite", once_more):
            yield disk
    finally:
        disk.works.set()
        disk.unregister()
