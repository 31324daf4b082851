import pytest

from tests.simulator.card.reader_side import Reader
from tests.simulator.card.rich import CYCLIC, LINEAR, reader_of, rich_card
from tests.simulator.card.terminal import Refusal, Terminal, purse_card, sell, span


def read_log(terminal: Terminal, first: int = 0, count: int = 0) -> list[int]:
    """First bytes of the records, oldest first."""
    terminal.open_purse(1)
    data = terminal.secure(0xBB, b"\x03" + span(first, count))
    return [data[at] for at in range(0, len(data), 24)]


def test_the_log_keeps_the_last_ten_records() -> None:
    terminal = Terminal(purse_card(10_000).exchange)
    for number in range(13):
        sell(terminal, 100, bytes([number]) * 24)
    assert read_log(terminal) == list(range(3, 13))
    assert read_log(terminal, 0, 1) == [12]
    assert read_log(terminal, 2, 3) == [8, 9, 10]
    assert read_log(terminal, 9) == [3]
    for first, count in ((10, 0), (0, 11), (9, 2)):
        with pytest.raises(Refusal) as refusal:
            read_log(terminal, first, count)
        assert refusal.value.status == 0xBE


def test_an_empty_log_has_nothing_to_read() -> None:
    with pytest.raises(Refusal) as refusal:
        read_log(Terminal(purse_card().exchange))
    assert refusal.value.status == 0xBE


def test_writes_of_one_transaction_share_a_record() -> None:
    terminal = Terminal(purse_card(10_000).exchange)
    terminal.open_purse(2)
    terminal.secure(0x8B, b"\x03" + span(0, 2), b"ab")
    terminal.secure(0x3B, b"\x03" + span(22, 2), b"yz")
    terminal.commit()
    terminal.open_purse(1)
    assert terminal.secure(0xAB, b"\x03" + span(0, 0)) == b"ab" + bytes(20) + b"yz"


def test_an_aborted_record_is_not_there() -> None:
    terminal = Terminal(purse_card(10_000).exchange)
    sell(terminal, 100, b"\x01" * 24)
    terminal.write_record(b"\x02" * 24)
    terminal.secure(0xA7)
    assert read_log(terminal) == [1]


@pytest.mark.parametrize(
    ("header", "data", "status"),
    [
        (b"\x03" + span(0, 25), bytes(25), 0xBE),
        (b"\x03" + span(24, 1), b"x", 0xBE),
        (b"\x03" + span(0, 4), b"abc", 0x7E),
        (b"\x03" + span(0, 0), b"", 0x7E),
        (b"\x01" + span(0, 1), b"x", 0x9E),
        (b"\x0f" + span(0, 1), b"x", 0x9E),
        (b"\x07" + span(0, 1), b"x", 0xF0),
    ],
)
def test_bad_records(header: bytes, data: bytes, status: int) -> None:
    terminal = Terminal(purse_card(10_000).exchange)
    terminal.open_purse(2)
    with pytest.raises(Refusal) as refusal:
        terminal.secure(0x8B, header, data)
    assert refusal.value.status == status


@pytest.mark.parametrize(("key_no", "cmd"), [(1, 0x8B), (3, 0x8B), (2, 0xAB), (3, 0xAB), (2, 0xEB)])
def test_rights(key_no: int, cmd: int) -> None:
    terminal = Terminal(purse_card(10_000).exchange)
    terminal.open_purse(key_no)
    with pytest.raises(Refusal) as refusal:
        if cmd == 0x8B:
            terminal.write_record(bytes(24))
        else:
            terminal.secure(cmd, b"\x03" + (span(0, 0) if cmd == 0xAB else b""))
    assert refusal.value.status == 0xAE


def test_clearing_counts_from_the_commit_and_blocks_writing_until_then() -> None:
    terminal = Terminal(purse_card(10_000).exchange)
    sell(terminal, 100)
    terminal.open_purse(0)
    terminal.secure(0xEB, b"\x03")
    assert terminal.secure(0xAB, b"\x03" + span(0, 0)) == bytes(24)
    with pytest.raises(Refusal) as refusal:
        terminal.write_record(bytes(24))
    assert refusal.value.status == 0x9D
    terminal.open_purse(0)
    terminal.secure(0xEB, b"\x03")
    terminal.commit()
    with pytest.raises(Refusal) as refusal:
        read_log(terminal)
    assert refusal.value.status == 0xBE


@pytest.fixture
def free() -> Reader:
    """A linear and a cyclic file of five records of 20 bytes each, three written, open to everybody."""
    return reader_of(rich_card("plain"), "plain", "application")


def write(free: Reader, number: int, text: bytes) -> int:
    return free.frame(0x3B, bytes([number]) + span(0, len(text)) + text)[0]


def first_bytes(free: Reader, number: int) -> bytes:
    status, records = free.whole(0xBB, bytes([number]) + span(0, 0))
    assert status == 0
    return records[::20]


def test_a_linear_file_is_full_some_day_and_a_cyclic_one_forgets(free: Reader) -> None:
    for text in (b"a", b"b"):
        for number in (LINEAR, CYCLIC):
            assert write(free, number, text) == 0
        assert free.frame(0xC7) == (0, b"")
    assert first_bytes(free, LINEAR) == b"\x00\x01\x02ab" and first_bytes(free, CYCLIC) == b"\x01\x02ab"
    assert write(free, CYCLIC, b"c") == 0
    assert write(free, LINEAR, b"c") == 0xBE  # and with it the whole transaction
    assert free.frame(0xC7) == (0x0C, b"")
    assert free.frame(0xEB, bytes([LINEAR])) == (0, b"")
    assert free.frame(0xC7) == (0, b"")
    assert free.frame(0xBB, bytes([LINEAR]) + span(0, 0)) == (0xBE, b"")
    assert write(free, LINEAR, b"c") == 0


@pytest.mark.parametrize("number", [LINEAR, CYCLIC])
def test_a_record_is_updated_by_the_commit(free: Reader, number: int) -> None:
    for record, text in ((0, b"new"), (2, b"old")):
        header = bytes([number]) + record.to_bytes(3, "little") + span(17, 3)
        assert free.frame(0xDB, header + text) == (0, b"")
    before = free.frame(0xBB, bytes([number]) + span(0, 1))
    assert before == (0, b"\x02" * 20)
    assert free.frame(0xC7) == (0, b"")
    assert free.frame(0xBB, bytes([number]) + span(0, 1)) == (0, b"\x02" * 17 + b"new")
    assert free.frame(0xBB, bytes([number]) + span(2, 1)) == (0, bytes(17) + b"old")


@pytest.mark.parametrize(
    ("record", "offset", "text", "status"),
    [(3, 0, b"x", 0xBE), (0, 20, b"x", 0xBE), (0, 0, b"", 0x7E), (0, 18, b"abc", 0xBE)],
)
def test_updates_of_what_is_not_there(
    free: Reader, record: int, offset: int, text: bytes, status: int
) -> None:
    header = bytes([LINEAR]) + record.to_bytes(3, "little") + span(offset, len(text))
    assert free.frame(0xDB, header + text) == (status, b"")


def test_a_record_that_is_being_written_is_not_updated(free: Reader) -> None:
    assert write(free, LINEAR, b"a") == 0
    assert free.frame(0xDB, bytes([LINEAR]) + bytes(3) + span(0, 1) + b"x") == (0xBE, b"")
