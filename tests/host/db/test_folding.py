"""The log is folded into the books' file beside the writer, and what is in it is never lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from host.db import folding
from host.db.engine import Database
from tests.host.power import Disk, under
from tests.host.rig import empty_books
from tests.waiting import until

LONG = "x" * 5000  # more than a page
FRAME_BYTES = 4096 + 24
BATCH_PAGES = 30  # one commit of ours changes fewer


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
    books = Database(path)
    books.fold_beside()
    yield books
    books.fold_alone()
    books.close()


@pytest.fixture(autouse=True)
def shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, pages in {"FIRST": 40, "STEP": 40, "MOST": 200}.items():
        monkeypatch.setattr(folding, name, pages)


def put(books: Database, *names: str) -> None:
    for name in names:
        with books.write() as connection:
            connection.execute("INSERT INTO settings (name, value) VALUES (?, ?)", (name, LONG))


def names(database: Database) -> set[str]:
    with database.read() as connection:
        return {name for (name,) in connection.tuples("SELECT name FROM settings WHERE value = ?", (LONG,))}


def folds(disk: Disk) -> int:
    return disk.syncs.count("")


def test_a_long_log_is_folded_while_nobody_commits(books: Database, disk: Disk, tmp_path: Path) -> None:
    put(books, "first")
    folds_before = folds(disk)
    all_of_it = [f"n{at}" for at in range(folding.FIRST)]
    put(books, *all_of_it)
    until(lambda: folds(disk) > folds_before)
    cut = disk.after_a_cut(tmp_path / "cut")
    assert names(cut) == {"first", *all_of_it}
    cut.close()


def test_the_log_begins_anew_though_commits_never_rest(books: Database, path: Path) -> None:
    log = path.with_name(path.name + "-wal")
    for at in range(3 * folding.MOST):
        put(books, f"n{at}")
        assert log.stat().st_size <= (folding.MOST + BATCH_PAGES) * FRAME_BYTES
    assert len(names(books)) == 3 * folding.MOST


def test_what_cannot_be_folded_stays_in_the_log_and_commits_go_on(
    books: Database, disk: Disk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    disk.refuses = True
    put(books, *[f"n{at}" for at in range(folding.MOST + 10)])
    assert "the log of the books cannot be folded yet" in capsys.readouterr().out
    cut = disk.after_a_cut(tmp_path / "cut")
    assert names(cut) == {f"n{at}" for at in range(folding.MOST + 10)}
    cut.close()
    disk.refuses = False
    before = folds(disk)
    put(books, "more")
    assert folds(disk) > before, "this commit found it too long"


def test_without_the_thread_the_commit_that_finds_it_too_long_folds(books: Database, disk: Disk) -> None:
    put(books, "first")
    books.fold_alone()
    before = folds(disk)
    put(books, *[f"n{at}" for at in range(folding.MOST)])
    assert folds(disk) > before
    assert len(names(books)) == folding.MOST + 1
