import pytest

from simulator.card import LeftField
from tests.simulator.card.terminal import AID, KEYS, Gone, Refusal, Terminal, blank_card, purse_card, span

CONTENT = bytes(range(32))


def test_card_data_are_free_to_read() -> None:
    terminal = Terminal(purse_card().exchange)
    terminal.plain(0x5A, AID)
    assert terminal.plain(0xBD, b"\x01" + span(0, 32)) == CONTENT
    assert terminal.plain(0xAD, b"\x01" + span(30, 0)) == CONTENT[30:]


@pytest.mark.parametrize("key_no", range(4))
def test_free_access_is_plain_in_a_session(key_no: int) -> None:
    terminal = Terminal(purse_card().exchange)
    terminal.open_purse(key_no)
    if key_no == 0:  # the key itself gives the right
        assert terminal.secure(0xBD, b"\x01" + span(0, 32)) == CONTENT
    else:
        assert terminal.plain(0xBD, b"\x01" + span(0, 32)) == CONTENT
        terminal.counter += 1
    assert terminal.secure(0x64, b"\x00") == b"\x01"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ("", 0x7E),
        ("01", 0x7E),
        ("010000002000", 0x7E),
        ("0100000020000000", 0x7E),
        ("01000000210000", 0xBE),
        ("01200000000000", 0xBE),
        ("01FFFFFFFFFFFF", 0xBE),
        ("02000000000000", 0x9E),
        ("03000000000000", 0x9E),
        ("0F000000000000", 0xAE),
        ("09000000000000", 0xF0),
    ],
)
def test_bad_reads(data: str, status: int) -> None:
    terminal = Terminal(purse_card().exchange)
    terminal.plain(0x5A, AID)
    assert terminal.frame(0xBD, bytes.fromhex(data)) == (status, b"")


def test_the_transaction_mac_file_opens_with_the_debit_key_and_cannot_be_written() -> None:
    terminal = Terminal(purse_card(10_000).exchange)
    terminal.open_purse(2)
    content = terminal.secure(0xBD, b"\x0f" + span(0, 12))
    assert content[:4] == b"\x01\x00\x00\x00" and content[4:] != bytes(8)
    with pytest.raises(Refusal) as refusal:
        terminal.secure(0x8D, b"\x0f" + span(0, 12), bytes(12))
    assert refusal.value.status == 0x9E


@pytest.mark.parametrize(
    ("header", "data", "status"),
    [
        (b"\x01" + span(0, 4), b"abc", 0x7E),
        (b"\x01" + span(0, 0), b"", 0x7E),
        (b"\x01" + span(29, 4), b"abcd", 0xBE),
        (b"\x02" + span(0, 4), b"abcd", 0x9E),
        (b"\x09" + span(0, 4), b"abcd", 0xF0),
    ],
)
def test_bad_writes(header: bytes, data: bytes, status: int) -> None:
    card = purse_card()
    terminal = Terminal(card.exchange)
    before = card.dump()
    terminal.open_purse(0)
    with pytest.raises(Refusal) as refusal:
        terminal.secure(0x8D, header, data)
    assert refusal.value.status == status and card.dump() == before


@pytest.mark.parametrize("key_no", [1, 2, 3])
def test_card_data_are_written_by_the_master_key_only(key_no: int) -> None:
    terminal = Terminal(purse_card().exchange)
    terminal.open_purse(key_no)
    with pytest.raises(Refusal) as refusal:
        terminal.secure(0x8D, b"\x01" + span(0, 4), b"abcd")
    assert refusal.value.status == 0xAE


def test_power_lost_within_a_standard_file_leaves_whole_pages() -> None:
    card = blank_card()
    terminal = Terminal(card.exchange)
    terminal.plain(0xCA, AID + bytes.fromhex("0F81"))
    terminal.plain(0x5A, AID)
    terminal.plain(0xCD, bytes.fromhex("0100EEEE600000"))
    steps: list[str] = []

    def tear(when: str, step: str) -> None:
        steps.append(when)
        if steps == ["before", "after", "before"]:
            raise LeftField

    card.tear_hook = tear
    with pytest.raises(Gone):
        terminal.plain(0x8D, b"\x01" + span(0, 96) + b"\xff" * 96)
    card.tear_hook = None
    card.enter_field()
    terminal.plain(0x5A, AID)
    assert terminal.plain(0xAD, b"\x01" + span(0, 0)) == b"\xff" * 32 + bytes(64)


def test_a_backup_file_changes_with_the_commit() -> None:
    card = purse_card()
    terminal = Terminal(card.exchange)
    terminal.open_purse(0)
    terminal.secure(0xCB, bytes.fromhex("04010000080000"))
    terminal.secure(0x8D, b"\x04" + span(2, 2), b"ab")
    terminal.secure(0x8D, b"\x04" + span(4, 2), b"cd")
    assert terminal.secure(0xBD, b"\x04" + span(0, 0)) == bytes(8)
    assert terminal.commit()[:4] == b"\x01\x00\x00\x00"
    assert terminal.secure(0xBD, b"\x04" + span(0, 0)) == b"\x00\x00abcd\x00\x00"
    terminal.authenticate(0, KEYS[0])
    terminal.secure(0x8D, b"\x04" + span(0, 1), b"x")
    terminal.secure(0xA7)
    assert terminal.secure(0xBD, b"\x04" + span(0, 1)) == b"\x00"
