"""Checkpoints by themselves: what they say, when they are taken, and what becomes of a damaged log.

What they find of books that were edited: tests/host/ledger/verify/test_checkpoints.py.
"""

import hashlib
import os
from pathlib import Path

import pytest

from host.db import engine
from host.db.engine import Database
from host.ledger import chain, checkpoints
from host.ledger.books import book
from host.ledger.checkpoints import CHECKPOINT_EVERY, FILE_NAME, Checkpoint, Checkpoints
from host.ledger.terms import Transfer
from tests.host.ledger.test_books import pair, rows, why

MADE = Checkpoint(3, 7, b"\x01\xab", 5, b"\xff\x00")
TEXT = b"checkpoint|3|7|01ab|5"
LINE = b'{"writer": 3, "transaction": 7, "link": "01ab", "at_s": 5, "mac": "ff00"}\n'
NOW_S = 77
ALL = "SELECT writer, transaction_id, link, at_s, mac FROM checkpoints ORDER BY writer, transaction_id"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.clock.now_s", lambda: NOW_S)


def mac(text: bytes) -> bytes:
    return hashlib.sha256(b"a key" + text).digest()


def post(database: Database, count: int = 1) -> int:
    """The newest transaction of these books then."""
    with book(database) as books:
        for _ in range(count):
            books.post(why(None), [Transfer(*pair(books), 5)])
        return books.last


def taken(database: Database) -> list[Checkpoint]:
    return [
        Checkpoint(writer, number, bytes(link), at_s, bytes(made))
        for writer, number, link, at_s, made in rows(database, ALL)
    ]


def link_of(database: Database, number: int) -> bytes:
    return bytes(rows(database, f"SELECT link FROM transactions WHERE id = {number}")[0][0])


def faults(database: Database, folder: Path | None, keys: checkpoints.Mac | None = mac) -> list[str]:
    with database.read() as connection:
        return checkpoints.faults(connection, keys, folder)


def test_its_text_and_its_line_are_for_ever() -> None:
    """Logs that were copied away are held against books of any later version."""
    assert (MADE.text, MADE.to_line()) == (TEXT, LINE)
    assert Checkpoint.from_line(LINE) == Checkpoint.from_line(LINE.strip()) == MADE


@pytest.mark.parametrize(
    "old, new",
    [
        pytest.param(LINE, b"[" * 100_000, id="deeper than can be read"),
        pytest.param(LINE, b"7", id="no object"),
        pytest.param(LINE, b"null", id="nothing"),
        pytest.param(LINE, bytes(80), id="what a disk holds that was never written"),
        pytest.param(LINE, LINE[1:], id="without its beginning"),
        *(
            pytest.param(f'"{name}"'.encode(), b'"x"', id=f"without {name}")
            for name in ("transaction", "link", "at_s", "mac")
        ),
        pytest.param(b": 3", b': "three"', id="no number"),
        pytest.param(b": 3", b": 1e999", id="a number without end"),
        pytest.param(b": 5", b": NaN", id="no time"),
        pytest.param(b": 7", b": null", id="no transaction"),
        pytest.param(b": 7", b": 9223372036854775808", id="more than a database counts"),
        pytest.param(b'"01ab"', b'"01a"', id="half a byte"),
        pytest.param(b'"ff00"', b"255", id="a number for a text"),
    ],
)
def test_a_damaged_line_is_named_and_those_after_it_are_read(
    database: Database, tmp_path: Path, old: bytes, new: bytes
) -> None:
    damaged = LINE.replace(old, new).strip()
    with pytest.raises(ValueError):
        Checkpoint.from_line(damaged)
    (tmp_path / FILE_NAME).write_bytes(damaged + b"\n" + LINE)
    assert faults(database, tmp_path, None) == [
        f"line 1 of {FILE_NAME} is no checkpoint",
        "the books do not hold transaction 7 of a logged checkpoint",
    ]


def test_a_number_that_a_database_just_counts_is_looked_for(database: Database, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(LINE.replace(b": 7", b": %d" % (2**63 - 1)))
    assert faults(database, tmp_path, None) == [
        f"the books do not hold transaction {2**63 - 1} of a logged checkpoint"
    ]


@pytest.mark.parametrize("size", range(0, len(LINE) - 2, 7))
def test_a_line_may_be_torn_anywhere(database: Database, tmp_path: Path, size: int) -> None:
    """Power went while it was written: no fault, and the next checkpoint has a line of its own."""
    log = tmp_path / FILE_NAME
    log.write_bytes(LINE[:size])
    assert Checkpoints(database, mac, tmp_path).after(post(database), 1)
    assert [line for line in log.read_bytes().splitlines() if line] == [
        *filter(None, [LINE[:size]]),
        taken(database)[0].to_line().strip(),
    ]
    assert faults(database, tmp_path) == []


def test_a_log_that_cannot_be_read_is_a_fault_and_the_table_is_looked_at(
    database: Database, tmp_path: Path
) -> None:
    assert Checkpoints(database, mac, None).after(post(database), 1)
    (tmp_path / FILE_NAME).mkdir()
    unread = f"{FILE_NAME} cannot be read (Is a directory): see to the file and its rights"
    assert faults(database, tmp_path) == [unread]
    assert faults(database, tmp_path, lambda text: b"of another key") == [
        unread,
        "the MAC of checkpoint 1 is not the key keeper's",
    ]


def test_a_checkpoint_says_where_the_chain_stands(database: Database, tmp_path: Path) -> None:
    """In the table and in the log alike, under the key keeper's MAC."""
    last = post(database, 3)
    assert Checkpoints(database, mac, tmp_path).after(last, 1)
    unproven = Checkpoint(0, last, link_of(database, last), NOW_S, b"")
    made = unproven._replace(mac=mac(unproven.text))
    assert taken(database) == [made]
    log = tmp_path / FILE_NAME
    assert log.read_bytes() == made.to_line()
    assert log.stat().st_mode & 0o777 == 0o600
    assert faults(database, tmp_path) == faults(database, None) == []


def test_one_is_taken_after_so_many_transactions_and_the_next_after_as_many_again(
    database: Database, tmp_path: Path
) -> None:
    takes = Checkpoints(database, mac, tmp_path)
    assert CHECKPOINT_EVERY == 10_000
    last = post(database, 4)
    assert [takes.after(CHECKPOINT_EVERY - 1), takes.after(last, 5), takes.after(last, 4)] == [
        False,
        False,
        True,
    ]
    last = post(database, 3)
    assert [takes.after(last, 4), takes.after(last, 3), takes.after(last, 1)] == [False, True, False]
    assert takes.after(last + CHECKPOINT_EVERY - 1) is False
    post(database)
    assert takes.after(last + CHECKPOINT_EVERY) is True
    assert [made.transaction_id for made in taken(database)] == [4, 7, 8]
    assert [Checkpoint.from_line(line) for line in (tmp_path / FILE_NAME).open("rb")] == taken(database)


def test_between_two_the_books_are_not_asked(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is called after every batch."""
    takes = Checkpoints(database, mac, None)
    assert takes.after(post(database), 1)
    monkeypatch.setattr(database, "read", None)
    monkeypatch.setattr(database, "write", None)
    assert not takes.after(1 + CHECKPOINT_EVERY - 1)


def test_of_several_processes_one_takes_it(database: Database, tmp_path: Path) -> None:
    """The other one remembers an older checkpoint, looks, and leaves it."""
    first, second = (Checkpoints(database, mac, tmp_path) for _ in range(2))
    assert not second.after(0, 1)
    assert first.after(post(database), 1)
    assert not second.after(1, 1)
    assert len((tmp_path / FILE_NAME).read_bytes().splitlines()) == len(taken(database)) == 1


def test_nothing_is_taken_of_books_in_which_nothing_is(database: Database, tmp_path: Path) -> None:
    assert Checkpoints(database, mac, tmp_path).after(1, 1) is False
    assert taken(database) == [] and not (tmp_path / FILE_NAME).exists()


def test_each_partition_has_checkpoints_of_its_own(place: Path | str, tmp_path: Path) -> None:
    engine.create_or_open(place).close()
    for writer in (0, 3):
        database = engine.open_existing(place, writer=writer)
        last = post(database, 2)
        takes = Checkpoints(database, mac, tmp_path)
        assert [takes.after(last, 3), takes.after(last, 2)] == [False, True]
        database.close()
    found = [(made.writer, made.transaction_id) for made in taken(database)]
    assert found == [(0, 2), (3, chain.first_number(3) + 2)]
    assert faults(database, tmp_path) == faults(database, None) == []
    database.close()


def test_what_the_log_does_not_take_the_table_does_not_have(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor half a line in the log; and the next batch tries again."""
    takes, log, lines = Checkpoints(database, mac, tmp_path), tmp_path / FILE_NAME, []
    assert takes.after(post(database), 1)
    before = log.read_bytes()

    def full(descriptor: int) -> None:
        lines.append(log.read_bytes())
        raise OSError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="no space left"):
            takes.after(post(database), 1)
    assert lines[0] > before, "it was in the file before it was synced"
    assert log.read_bytes() == before and len(taken(database)) == 1
    assert takes.after(2, 1) and len(taken(database)) == 2
    assert faults(database, tmp_path) == []


def test_each_checkpoint_that_does_not_hold_is_named(database: Database, tmp_path: Path) -> None:
    """By its number, where it stands and what is wrong with it."""
    takes = Checkpoints(database, mac, tmp_path)
    for _ in range(2):
        assert takes.after(post(database), 1)
    first, second = taken(database)
    wrong = second._replace(at_s=0)  # as somebody would have it who has no key
    missing = first._replace(transaction_id=9)
    forged = first._replace(link=bytes(32))
    (tmp_path / FILE_NAME).write_bytes(b"".join(made.to_line() for made in (wrong, missing, forged, first)))
    assert faults(database, tmp_path) == [
        "the MAC of logged checkpoint 2 is not the key keeper's",
        "the books do not hold transaction 9 of a logged checkpoint",
        "the MAC of logged checkpoint 9 is not the key keeper's",
        "the chain at transaction 1 is not what its logged checkpoint says: it was made anew",
        "the MAC of logged checkpoint 1 is not the key keeper's",
        "checkpoint 2 is not in checkpoints.log as it is in the books",
    ]
    assert faults(database, tmp_path, None) == [
        "the books do not hold transaction 9 of a logged checkpoint",
        "the chain at transaction 1 is not what its logged checkpoint says: it was made anew",
        "checkpoint 2 is not in checkpoints.log as it is in the books",
    ]


def test_a_checkpoint_of_the_table_alone_is_looked_at_as_well(database: Database, tmp_path: Path) -> None:
    """The log may hold transactions that are older than all in the table."""
    link, another = link_of(database, post(database, 2)), link_of(database, 1)
    unproven = Checkpoint(0, 2, another, NOW_S, bytes(32))
    with database.write() as connection:
        connection.execute(
            "INSERT INTO checkpoints (writer, transaction_id, link, at_s, mac) VALUES (?, ?, ?, ?, ?)",
            unproven,
        )
    held = [
        "the chain at transaction 2 is not what its checkpoint says: it was made anew",
        "the MAC of checkpoint 2 is not the key keeper's",
    ]
    assert faults(database, None) == faults(database, tmp_path) == held
    older, same = Checkpoint(0, 1, another, NOW_S, b""), Checkpoint(0, 2, link, NOW_S, b"")
    (tmp_path / FILE_NAME).write_bytes(
        b"".join(made._replace(mac=mac(made.text)).to_line() for made in (older, same))
    )
    assert faults(database, tmp_path) == [f"checkpoint 2 is not in {FILE_NAME} as it is in the books", *held]
