"""What is SQLite's and apsw's alone: the file's name, and what is broken in it."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from host.db import engine, lite, schema
from host.db.connection import Connection, faults, of_the_values
from tests.host.rig import empty_books

TORN = "SELECT 'whole' AS said UNION ALL SELECT CAST(x'6f7065726174ff72' AS TEXT)"
# Characters of a URI, and bytes that are no UTF-8: a folder's name under another system's setting.
NAMES = [b"a b?c#d%41", "会所".encode(), "会所".encode("gbk")]
READINGS: list[Callable[[Connection], object]] = [
    lambda connection: connection.execute(TORN + " ORDER BY 1").fetchone(),
    lambda connection: connection.execute(TORN).fetchall(),
    lambda connection: list(connection.execute(TORN)),
    lambda connection: list(connection.stream(TORN)),
    lambda connection: connection.tuples(TORN),
]


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_the_one_that_the_system_calls_so(tmp_path: Path, name: bytes) -> None:
    if sys.platform == "darwin" and name == NAMES[2]:
        pytest.skip("a Mac has no such names")
    folder = tmp_path / os.fsdecode(name)
    folder.mkdir()
    books = engine.create_or_open(folder / "books.db")
    with books.write() as connection:
        connection.execute("INSERT INTO settings (name, value) VALUES ('a', 'b')")
    books.close()
    assert [path.name for path in folder.iterdir()] == ["books.db"]
    reading = engine.open_existing(folder / "books.db", read_only=True)
    with reading.read() as connection:
        assert connection.tuples("SELECT value FROM settings WHERE name = 'a'") == [("b",)]
    reading.close()


@pytest.mark.parametrize("read", READINGS)
def test_a_text_that_is_none_is_the_files_fault_and_no_messages(
    tmp_path: Path, read: Callable[[Connection], object]
) -> None:
    path = tmp_path / "books.db"
    path.write_bytes(empty_books())
    books = engine.open_existing(path)
    with pytest.raises(faults(), match="damaged") as raised, books.read() as connection:
        read(connection)
    assert not isinstance(raised.value, of_the_values())
    assert "Restore it from a backup" in str(schema.unusable("the books", raised.value))
    with books.write() as connection:  # nothing is left open
        assert connection.execute("SELECT 1").fetchone()[0] == 1
    books.close()


@pytest.mark.parametrize("platform, whole", [("darwin", 1), ("linux", 0)])
def test_what_is_durable_left_the_drives_cache_on_a_mac(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, whole: int
) -> None:
    monkeypatch.setattr(lite, "sys", SimpleNamespace(platform=platform))
    connection = engine.connect(tmp_path / "books.db")
    full = [connection.tuples(f"PRAGMA {name}") for name in ("synchronous", "fullfsync")]
    connection.close()
    assert full == [[(2,)], [(whole,)]]
