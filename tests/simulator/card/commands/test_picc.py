import pytest

from tests.simulator.card.terminal import AID, KEYS, UID, Terminal, blank_card, purse_card


def test_applications_are_created_and_listed() -> None:
    terminal = Terminal(blank_card().exchange)
    assert terminal.plain(0x6A) == b""
    terminal.plain(0xCA, AID + bytes.fromhex("0B84"))
    terminal.plain(0xCA, bytes.fromhex("0110F50F81"))
    assert terminal.plain(0x6A) == AID + bytes.fromhex("0110F5")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ("", 0x7E),
        ("0150540B", 0x7E),
        ("0150540B8400", 0x7E),
        ("0150550BC4", 0x9E),  # no kind of key
        ("0150550B94", 0x9E),  # key sets
        ("0150550B8F", 0x9E),
        ("0000000B84", 0xDE),
        ("0150540B84", 0xDE),
    ],
)
def test_bad_applications_are_refused(data: str, status: int) -> None:
    terminal = Terminal(purse_card().exchange)
    assert terminal.frame(0xCA, bytes.fromhex(data)) == (status, b"")
    assert terminal.plain(0x6A) == AID


def test_the_card_is_full_some_day() -> None:
    terminal, status, made = Terminal(blank_card().exchange), 0, 0
    while not status:
        status, _ = terminal.frame(0xCA, made.to_bytes(2, "big") + bytes.fromhex("010B8E"))
        made += 1
    assert status == 0x0E and 20 < made < 50


@pytest.mark.parametrize(
    ("data", "status"), [("", 0x7E), ("0150", 0x7E), ("01505400", 0x7E), ("FFFFFF", 0xA0)]
)
def test_selecting_what_is_not_there(data: str, status: int) -> None:
    assert Terminal(purse_card().exchange).frame(0x5A, bytes.fromhex(data)) == (status, b"")


def test_an_application_is_no_card_level() -> None:
    terminal = Terminal(purse_card().exchange)
    terminal.plain(0x5A, AID)
    assert terminal.frame(0x6A) == (0x9D, b"")
    assert terminal.frame(0xCA, bytes.fromhex("0150550B84")) == (0x9D, b"")


def test_selecting_ends_the_session() -> None:
    card = purse_card()
    terminal = Terminal(card.exchange)
    terminal.open_purse(2)
    terminal.plain(0x5A, AID)
    assert card.chip.session is None


def test_version_in_a_session_is_signed() -> None:
    terminal = Terminal(purse_card().exchange)
    terminal.open_purse(1)
    version = terminal.secure(0x60)
    assert len(version) == 28 and version[14:21] == UID
    terminal.authenticate(1, KEYS[1])
    assert terminal.secure(0x51, full=True) == UID
