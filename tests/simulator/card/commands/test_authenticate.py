import pytest

from tests.simulator.card.terminal import AID, KEYS, UID, Refusal, Terminal, blank_card, purse_card


@pytest.fixture
def terminal() -> Terminal:
    terminal = Terminal(purse_card(10_000).exchange)
    terminal.plain(0x5A, AID)
    return terminal


@pytest.mark.parametrize("key_no", range(4))
def test_each_key_opens_a_session(terminal: Terminal, key_no: int) -> None:
    terminal.authenticate(key_no, KEYS[key_no])
    assert terminal.secure(0x51, full=True) == UID


def test_a_wrong_key_is_refused(terminal: Terminal) -> None:
    with pytest.raises(Refusal) as refusal:
        terminal.authenticate(2, KEYS[3])
    assert refusal.value.status == 0xAE


@pytest.mark.parametrize(
    ("cmd", "data", "status"),
    [
        (0x71, "", 0x7E),
        (0x71, "02", 0x7E),
        (0x71, "0201", 0x7E),
        (0x71, "020000", 0x7E),
        (0x71, "020700000000000000", 0x7E),
        (0x71, "0400", 0x40),
        (0x77, "", 0x7E),
        (0x77, "02", 0x9D),
    ],
)
def test_malformed_requests(terminal: Terminal, cmd: int, data: str, status: int) -> None:
    assert terminal.frame(cmd, bytes.fromhex(data)) == (status, b"")


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_response_of_the_wrong_length_ends_it(terminal: Terminal, size: int) -> None:
    assert terminal.frame(0x71, b"\x02\x00")[0] == 0xAF
    assert terminal.frame(0xAF, bytes(size)) == (0x7E, b"")
    assert terminal.frame(0xAF, bytes(32)) == (0x1C, b"")


def test_reader_capabilities_come_back(terminal: Terminal) -> None:
    status, challenge = terminal.frame(0x71, bytes.fromhex("0203AABBCC"))
    assert (status, len(challenge)) == (0xAF, 16)


def test_the_factory_master_key_is_no_aes_key() -> None:
    assert Terminal(blank_card().exchange).frame(0x71, b"\x00\x00") == (0xAE, b"")


def test_another_key_within_the_session_keeps_counter_and_transaction(terminal: Terminal) -> None:
    terminal.authenticate(2, KEYS[2])
    terminal.change_value(0xDC, 1_000)
    counter, ti = terminal.counter, terminal.ti
    terminal.authenticate(3, KEYS[3], first=False)
    assert (terminal.counter, terminal.ti) == (counter, ti)
    terminal.change_value(0x0C, 300)
    terminal.commit()
    assert terminal.value() == 9_300


def test_a_failed_second_authentication_ends_the_session(terminal: Terminal) -> None:
    terminal.authenticate(2, KEYS[2])
    with pytest.raises(Refusal):
        terminal.authenticate(3, KEYS[0], first=False)
    with pytest.raises(Refusal) as refusal:
        terminal.value()
    assert refusal.value.status == 0xAE


def test_a_first_authentication_drops_the_transaction(terminal: Terminal) -> None:
    terminal.authenticate(2, KEYS[2])
    terminal.change_value(0xDC, 1_000)
    terminal.authenticate(2, KEYS[2])
    with pytest.raises(Refusal) as refusal:
        terminal.commit()
    assert refusal.value.status == 0x0C


def test_the_uid_needs_a_session(terminal: Terminal) -> None:
    with pytest.raises(Refusal) as refusal:
        terminal.plain(0x51)
    assert refusal.value.status == 0xAE
