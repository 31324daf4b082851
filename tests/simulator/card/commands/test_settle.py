import pytest

from simulator.card import crypto
from tests.simulator.card.terminal import AID, TMAC_KEY, UID, Refusal, Terminal, blank_card, purse_card, sell


def refused(terminal: Terminal, cmd: int, header: bytes) -> int:
    with pytest.raises(Refusal) as refusal:
        terminal.secure(cmd, header)
    return refusal.value.status


@pytest.fixture
def kiosk() -> Terminal:
    terminal = Terminal(purse_card(10_000).exchange)
    terminal.open_purse(2)
    return terminal


def test_nothing_to_commit(kiosk: Terminal) -> None:
    kiosk.value()
    assert refused(kiosk, 0xC7, b"\x01") == 0x0C


@pytest.mark.parametrize("option", [b"", b"\x00"])
def test_a_commit_may_keep_its_mac_to_itself(kiosk: Terminal, option: bytes) -> None:
    kiosk.change_value(0xDC, 1)
    assert kiosk.secure(0xC7, option) == b""
    assert kiosk.secure(0xBD, b"\x0f" + bytes(6))[:4] == b"\x02\x00\x00\x00"


@pytest.mark.parametrize(("header", "status"), [(b"\x02", 0x9E), (b"\x01\x00", 0x7E)])
def test_bad_options(kiosk: Terminal, header: bytes, status: int) -> None:
    kiosk.change_value(0xDC, 1)
    assert refused(kiosk, 0xC7, header) == status


def test_an_unsigned_commit_is_refused_and_nothing_happens(kiosk: Terminal) -> None:
    kiosk.change_value(0xDC, 1)
    assert kiosk.frame(0xC7, b"\x01") == (0x7E, b"")
    kiosk.open_purse(2)
    kiosk.change_value(0xDC, 1)
    assert kiosk.frame(0xC7, b"\x01" + bytes(8)) == (0x1E, b"")
    kiosk.open_purse(2)
    assert kiosk.value() == 10_000


def test_abort_forgets_the_changes_and_what_went_into_the_mac(kiosk: Terminal) -> None:
    kiosk.change_value(0xDC, 9_000)
    kiosk.secure(0xA7)
    kiosk.change_value(0xDC, 1)
    answer = kiosk.commit()
    mac_key, _ = crypto.tmac_session_keys(TMAC_KEY, UID, 1)
    tmi = bytes.fromhex("DC0201000000").ljust(16, b"\x00")
    assert answer == b"\x02\x00\x00\x00" + crypto.truncate(crypto.cmac(mac_key, tmi))


def test_two_transactions_of_one_session_have_a_mac_each(kiosk: Terminal) -> None:
    kiosk.change_value(0xDC, 1)
    first = kiosk.commit()
    kiosk.change_value(0xDC, 1)
    second = kiosk.commit()
    assert (first[0], second[0]) == (2, 3) and first[4:] != second[4:]


def test_without_a_transaction_mac_file_a_commit_has_no_mac_to_give() -> None:
    terminal = Terminal(blank_card().exchange)
    terminal.plain(0xCA, AID + bytes.fromhex("0F81"))
    terminal.plain(0x5A, AID)
    terminal.plain(0xCC, bytes.fromhex("0200EEEE") + bytes(4) + b"\x64\x00\x00\x00" + b"\x64\x00\x00\x00\x00")
    terminal.plain(0xDC, b"\x02\x01\x00\x00\x00")
    assert terminal.frame(0xC7, b"\x01") == (0x9E, b"")
    terminal.plain(0xDC, b"\x02\x01\x00\x00\x00")
    assert terminal.plain(0xC7) == b""
    assert terminal.plain(0x6C, b"\x02") == b"\x63\x00\x00\x00"


def test_the_card_level_has_no_transactions() -> None:
    terminal = Terminal(purse_card().exchange)
    assert terminal.frame(0xC7) == (0x9D, b"")
    assert terminal.frame(0xA7) == (0x9D, b"")


def test_the_counter_counts_every_sale() -> None:
    terminal = Terminal(purse_card(10_000).exchange)
    assert [sell(terminal, 1)[0] for _ in range(5)] == [2, 3, 4, 5, 6]
