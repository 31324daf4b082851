import pytest

from tests.simulator.card.terminal import AID, KEYS, Refusal, Terminal, blank_card, purse_card

STD, BACKUP, VALUE, CYCLIC, TMAC = 0xCD, 0xCB, 0xCC, 0xC0, 0xCE


@pytest.fixture
def master() -> Terminal:
    terminal = Terminal(purse_card().exchange)
    terminal.open_purse(0)
    return terminal


def test_files_and_their_settings_are_listed() -> None:
    terminal = Terminal(purse_card().exchange)
    terminal.plain(0x5A, AID)
    assert terminal.plain(0x6F) == bytes([1, 2, 3, 15])
    assert terminal.plain(0xF5, b"\x01").hex() == "000100e0200000"
    assert terminal.plain(0xF5, b"\x02").hex() == "0203302300000000" + "20a10700" + "0000000000"
    assert terminal.plain(0xF5, b"\x03").hex() == "04010012" + "180000" + "0b0000" + "000000"
    assert terminal.plain(0xF5, b"\x0f").hex() == "0501f02f0200"
    terminal.authenticate(1, KEYS[1])
    assert terminal.secure(0x6F) == bytes([1, 2, 3, 15])
    assert terminal.secure(0xF5, b"\x0f").hex() == "0501f02f0200"


@pytest.mark.parametrize(
    ("cmd", "header", "status"),
    [
        (STD, "010100E0200000", 0xDE),  # number taken
        (STD, "200100E0200000", 0x9E),  # number above 31
        (STD, "040400E0200000", 0x9E),  # unknown communication
        (STD, "048100E0200000", 0x9E),  # additional rights
        (STD, "040100E4200000", 0x9E),  # right of a key that is not there
        (STD, "040100E0000000", 0x9E),  # empty
        (STD, "040100E0FFFFFF", 0x0E),  # larger than the card
        (STD, "040100E02000", 0x7E),
        (BACKUP, "040100E0FF0F00", 0x0E),
        (BACKUP, "040100E0000000", 0x9E),
        (VALUE, "04030000" + "01000000" + "00000000" + "00000000" + "00", 0x9E),  # limits crossed
        (VALUE, "04030000" + "00000000" + "01000000" + "02000000" + "00", 0x9E),  # value outside
        (VALUE, "04030000" + "00000000" + "01000000" + "00000000" + "04", 0x9E),  # unknown option
        (VALUE, "04030000", 0x7E),
        (CYCLIC, "04010000" + "180000" + "010000", 0x9E),  # the card needs one record itself
        (CYCLIC, "04010000" + "000000" + "0B0000", 0x9E),
        (CYCLIC, "04010000" + "FFFFFF" + "FFFFFF", 0x0E),
        (CYCLIC, "04010000" + "180000", 0x7E),
    ],
)
def test_bad_files_are_refused(master: Terminal, cmd: int, header: str, status: int) -> None:
    with pytest.raises(Refusal) as refusal:
        master.secure(cmd, bytes.fromhex(header))
    assert refusal.value.status == status
    assert master.plain(0x6F) == bytes([1, 2, 3, 15])


@pytest.mark.parametrize(
    ("header", "data", "status"),
    [
        ("0401F02F02", bytes(17), 0xDE),  # a second one
        ("0F01F02F02", bytes(17), 0xDE),
        ("0401F02F01", bytes(17), 0x9E),  # no AES
        ("0401202F02", bytes(17), 0x9E),  # CommitReaderID wanted
        ("0401F02202", bytes(17), 0x9E),  # writable
        ("0401F02F02", bytes(16), 0x7E),
        ("0401F02F02", b"", 0x7E),
    ],
)
def test_bad_transaction_mac_files_are_refused(
    master: Terminal, header: str, data: bytes, status: int
) -> None:
    with pytest.raises(Refusal) as refusal:
        master.secure(TMAC, bytes.fromhex(header), data, full=True)
    assert refusal.value.status == status


@pytest.mark.parametrize("key_no", [None, 1, 2, 3])
def test_files_need_the_master_key(key_no: int | None) -> None:
    terminal = Terminal(purse_card().exchange)
    terminal.plain(0x5A, AID)
    if key_no is not None:
        terminal.authenticate(key_no, KEYS[key_no])
    for cmd in (STD, BACKUP, VALUE, CYCLIC, TMAC):
        with pytest.raises(Refusal) as refusal:
            terminal.plain(cmd, bytes.fromhex("040100E0200000"))
        assert refusal.value.status == 0xAE


def test_the_card_level_has_no_files() -> None:
    terminal = Terminal(blank_card().exchange)
    for cmd, data in ((STD, "010100E0200000"), (0x6F, ""), (0xF5, "01"), (0xBD, "01000000000000")):
        assert terminal.frame(cmd, bytes.fromhex(data)) == (0x9D, b"")


def test_where_creation_is_free_no_key_is_needed_but_for_the_transaction_mac() -> None:
    terminal = Terminal(blank_card().exchange)
    terminal.plain(0xCA, AID + bytes.fromhex("0F81"))
    terminal.plain(0x5A, AID)
    terminal.plain(STD, bytes.fromhex("0100EEEE200000"))
    assert terminal.frame(TMAC, bytes.fromhex("0F01F00F02") + bytes(17)) == (0xAE, b"")
    assert terminal.plain(0x6F) == b"\x01"


def test_listing_may_need_the_master_key() -> None:
    terminal = Terminal(blank_card().exchange)
    terminal.plain(0xCA, AID + bytes.fromhex("0981"))
    terminal.plain(0x5A, AID)
    assert terminal.frame(0x6F) == (0xAE, b"")
    terminal.authenticate(0, bytes(16))
    assert terminal.secure(0x6F) == b""
