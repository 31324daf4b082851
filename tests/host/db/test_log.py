"""Commits that do not wait for the disk, on one that loses with the power what was not synced."""

import errno
import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from host.db import log
from host.db.connection import faults
from host.db.engine import Database, create_or_open, open_existing
from host.db.log import Unsynced
from tests.host.power import Disk, under
from tests.host.rig import empty_books

WAL = "books.db-wal"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "books.db"
    path.write_bytes(empty_books())
    return path


@pytest.fixture
def disk(path: Path) -> Iterator[Disk]:
    with under(path) as disk:
        yield disk


@pytest.fixture
def books(path: Path, disk: Disk) -> Iterator[Database]:
    """Of the process that books."""
    books = Database(path)
    books.take_over()
    yield books
    books.close()


@pytest.fixture
def left(disk: Disk, tmp_path: Path) -> Callable[[], set[str]]:
    """What a cut of the power now leaves."""
    numbers = count(1)

    def left() -> set[str]:
        cut = disk.after_a_cut(tmp_path / f"cut{next(numbers)}")
        try:
            return names(cut)
        finally:
            cut.close()

    return left


def names(database: Database) -> set[str]:
    with database.read() as connection:
        return {name for (name,) in connection.tuples("SELECT name FROM settings")}


def put(database: Database, name: str, later: bool = False) -> None:
    with database.write(later) as connection:
        connection.execute("INSERT INTO settings (name, value) VALUES (?, '')", (name,))


def elsewhere(work: Callable[[], object]) -> list[object]:
    """Run it in another thread, with a connection of its own: what it returned, or raised."""
    found: list[object] = []

    def run() -> None:
        try:
            found.append(work())
        except Exception as error:
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    return found


def test_a_commit_waits_for_the_disk_and_one_that_is_to_be_there_later_does_not(
    books: Database, left: Callable[[], set[str]]
) -> None:
    put(books, "at once")
    put(books, "later", later=True)
    put(books, "later too", later=True)
    assert left() == {"at once"}
    books.settle()
    assert left() == {"at once", "later", "later too"}
    put(books, "at once again")
    assert "at once again" in left()


def test_whoever_waits_for_news_hears_of_it_when_it_is_on_the_disk(
    books: Database, left: Callable[[], set[str]]
) -> None:
    put(books, "later", later=True)
    assert books.bell.count == 0
    books.settle()
    assert books.bell.count == 1


@pytest.mark.parametrize("read_only", [False, True])
def test_another_process_sees_only_what_is_on_the_disk(
    path: Path, books: Database, left: Callable[[], set[str]], read_only: bool
) -> None:
    other = open_existing(path, read_only)
    try:
        for name in ("a", "b"):
            put(books, name, later=True)
            assert name not in left()
            assert name in names(other) and name in left()
    finally:
        other.close()


def test_another_thread_sees_only_what_is_on_the_disk(books: Database, left: Callable[[], set[str]]) -> None:
    put(books, "later", later=True)
    assert elsewhere(lambda: names(books)) == [{"later"}]
    assert left() == {"later"}


@pytest.mark.parametrize("alone", [False, True])
def test_who_wrote_it_sees_it_only_on_the_disk(
    path: Path, disk: Disk, left: Callable[[], set[str]], alone: bool
) -> None:
    books = Database(path)
    try:
        if alone:
            books.take_over()
        assert names(books) == set()
        put(books, "later", later=True)
        assert left() == set()
        assert names(books) == {"later"} and left() == {"later"}
    finally:
        books.close()


def test_who_decides_by_it_and_writes_nothing_has_it_on_the_disk_before(
    books: Database, left: Callable[[], set[str]]
) -> None:
    put(books, "later", later=True)
    with books.write() as connection:
        assert connection.tuples("SELECT name FROM settings") == [("later",)]
        assert left() == {"later"}


def test_what_is_on_the_disk_already_is_not_synced_again(books: Database, disk: Disk) -> None:
    put(books, "later", later=True)
    books.settle()
    synced = len(disk.syncs)
    assert elsewhere(lambda: names(books)) == [{"later"}]
    books.settle()
    with books.write() as connection:
        connection.execute("SELECT 1")
    assert len(disk.syncs) == synced


def test_after_a_sync_that_failed_nothing_is_read_or_written_any_more(
    books: Database, disk: Disk, left: Callable[[], set[str]]
) -> None:
    put(books, "later", later=True)
    disk.fails = True
    with pytest.raises(Unsynced, match="Input/output error"):
        books.settle()
    assert issubclass(Unsynced, faults()) and books.bell.count == 0
    disk.fails = False  # and says from now on that all is well
    for work in (lambda: names(books), lambda: put(books, "more"), books.settle):
        with pytest.raises(Unsynced):
            work()
    assert left() == set()


def test_the_next_process_has_on_the_disk_what_a_sync_that_failed_left_out(
    path: Path, books: Database, disk: Disk, left: Callable[[], set[str]]
) -> None:
    put(books, "later", later=True)
    disk.fails = True
    with pytest.raises(Unsynced):
        books.settle()
    following = Database(path)
    try:
        with pytest.raises(OSError, match="Input/output error"):
            following.take_over()
        disk.fails = False
        following.take_over()
        assert left() == {"later"}
        put(following, "after")
        assert left() == {"later", "after"}
    finally:
        following.close()


def test_a_log_that_is_made_anew_is_the_one_that_is_synced(
    path: Path, disk: Disk, left: Callable[[], set[str]]
) -> None:
    books = Database(path)
    for name in ("a", "b"):
        put(books, name, later=True)
        books.settle()
        assert name in left()
        books.close()  # the last one: the log goes
        assert not path.with_name(WAL).exists()
        books.settle()  # nothing is there to sync


def test_a_log_that_is_gone_takes_no_room_once_the_books_are_closed(
    path: Path, disk: Disk, left: Callable[[], set[str]]
) -> None:
    """Who started the host closes them and lives as long as it does."""
    books, other = Database(path), Database(path)
    put(other, "a")
    assert names(books) == {"a"}
    kept = books._log._descriptor if books._log is not None else None
    assert kept is not None and disk.is_the_log(kept)
    other.close()
    put(books, "b", later=True)
    books.close()
    assert left() == {"a", "b"} and not path.with_name(WAL).exists()
    assert books._log is not None and books._log._descriptor is None
    assert names(books) == {"a", "b"}
    books.close()


def test_a_log_that_others_have_open_is_kept(path: Path, books: Database, disk: Disk) -> None:
    """By its descriptor, what another's sync of the file met is told here too."""
    put(books, "later", later=True)
    books.settle()
    kept = books._log._descriptor if books._log is not None else None
    elsewhere(lambda: names(books))
    elsewhere(books.close)
    assert kept is not None and disk.is_the_log(kept)
    assert books._log is not None and books._log._descriptor == kept


@pytest.mark.parametrize(
    ("says", "syncs"), [(None, 0), (errno.ENOTSUP, 1), (errno.ENOTTY, 1), (errno.EIO, None)]
)
def test_a_mac_is_asked_for_more_than_a_sync_where_its_file_system_knows_of_it(
    mocker: MockerFixture, says: int | None, syncs: int | None
) -> None:
    """syncs: how many of the usual kind follow; None: it failed."""
    answer = None if says is None else OSError(says, "said so")
    mocker.patch.object(fcntl, "F_FULLFSYNC", 51, create=True)
    asked = mocker.patch.object(fcntl, "fcntl", side_effect=[answer])
    usual = mocker.patch.object(os, "fsync")
    if syncs is None:
        with pytest.raises(OSError, match="said so"):
            log._sync(7)
    else:
        log._sync(7)
    asked.assert_called_once_with(7, 51)
    assert usual.call_count == (syncs or 0)


def test_postgresql_waits_itself(postgres_url: str) -> None:
    books = create_or_open(postgres_url)
    try:
        assert not books.can_wait
        books.take_over()
        put(books, "later", later=True)
        assert names(books) == {"later"} and books.bell.count == 1
        books.settle()
    finally:
        books.close()
