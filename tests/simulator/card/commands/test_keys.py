import pytest

from simulator.card import crypto
from tests.simulator.card.terminal import AID, KEYS, Refusal, Terminal, blank_card, purse_card

NEW = b"\x5a" * 16


def other_form(new: bytes, old: bytes, version: int = 2) -> bytes:
    return bytes(a ^ b for a, b in zip(new, old, strict=True)) + bytes([version]) + crypto.jamcrc(new)


def refused(terminal: Terminal, key_no: int, data: bytes) -> int:
    with pytest.raises(Refusal) as refusal:
        terminal.secure(0xC4, bytes([key_no]), data, full=True)
    return refusal.value.status


@pytest.fixture
def master() -> Terminal:
    terminal = Terminal(purse_card().exchange)
    terminal.open_purse(0)
    return terminal


def test_another_key_changes_and_the_session_goes_on(master: Terminal) -> None:
    master.secure(0xC4, b"\x02", other_form(NEW, KEYS[2]), full=True)
    assert master.secure(0x64, b"\x02") == b"\x02"
    master.authenticate(2, NEW)
    with pytest.raises(Refusal):
        master.authenticate(2, KEYS[2])


def test_the_own_key_changes_and_the_session_ends(master: Terminal) -> None:
    assert master.plain(0xC4, master.body(0xC4, b"\x00", NEW + b"\x07", full=True)) == b""
    assert master.plain(0x64, b"\x00") == b"\x07"
    master.authenticate(0, NEW)


@pytest.mark.parametrize(
    ("key_no", "data", "status"),
    [
        (2, NEW + b"\x01", 0x7E),
        (0, other_form(NEW, KEYS[0]), 0x7E),
        (2, b"", 0x7E),
        (2, other_form(NEW, KEYS[2])[:-1] + b"\x00", 0x1E),
        (2, other_form(NEW, KEYS[1]), 0x1E),
        (4, other_form(NEW, bytes(16)), 0x40),
    ],
)
def test_bad_changes_are_refused_and_the_key_stays(
    master: Terminal, key_no: int, data: bytes, status: int
) -> None:
    assert refused(master, key_no, data) == status
    for number in range(4):
        master.authenticate(number, KEYS[number])


def test_only_the_master_key_changes_keys() -> None:
    terminal = Terminal(purse_card().exchange)
    for key_no in (1, 2, 3):
        terminal.open_purse(key_no)
        assert refused(terminal, 1 if key_no != 1 else 2, bytes(21)) == 0xAE
        terminal.open_purse(key_no)
        assert refused(terminal, 0, bytes(21)) == 0xAE


def test_without_a_session_no_key_changes() -> None:
    terminal = Terminal(purse_card().exchange)
    terminal.plain(0x5A, AID)
    assert terminal.frame(0xC4, b"\x00" + bytes(40)) == (0xAE, b"")
    terminal.plain(0x5A, bytes(3))
    assert terminal.frame(0xC4, b"\x00" + bytes(40)) == (0xAE, b"")


@pytest.mark.parametrize(
    ("settings", "proved", "changed", "status"),
    [
        (0x0A, 0, 0, 0x9D),  # master key frozen
        (0xFB, 0, 1, 0x9D),  # all other keys frozen
        (0xEB, 0, 1, 0xAE),  # each key changes itself
        (0xEB, 1, 1, 0),
        (0x1B, 1, 2, 0),  # key 1 changes the others
        (0x1B, 0, 2, 0xAE),
        (0x1B, 1, 1, 0xAE),  # but not itself
        (0x1B, 0, 1, 0),
        (0x1B, 1, 0, 0xAE),
        (0xFB, 0, 0, 0),
    ],
)
def test_key_settings_say_who_may_change(settings: int, proved: int, changed: int, status: int) -> None:
    terminal = Terminal(blank_card().exchange)
    terminal.plain(0xCA, AID + bytes([settings, 0x83]))
    terminal.plain(0x5A, AID)
    terminal.authenticate(proved, bytes(16))
    data = NEW + b"\x01" if proved == changed else other_form(NEW, bytes(16))
    got, _ = terminal.frame(0xC4, terminal.body(0xC4, bytes([changed]), data, full=True))
    assert got == status


@pytest.mark.parametrize(("data", "status"), [(b"", 0x7E), (b"\x04", 0x40), (b"\x00\x00", 0x7E)])
def test_versions_of_what_is_no_key(data: bytes, status: int) -> None:
    terminal = Terminal(purse_card().exchange)
    terminal.plain(0x5A, AID)
    assert terminal.frame(0x64, data) == (status, b"")
