import pytest

from tests.simulator.card.terminal import AID, Refusal, Terminal, purse_card

DEBIT, CREDIT, LIMITED_CREDIT = 0xDC, 0x0C, 0x1C


def opened(key_no: int, value_fen: int = 10_000, options: int = 0) -> Terminal:
    terminal = Terminal(purse_card(value_fen, options=options).exchange)
    terminal.open_purse(key_no)
    return terminal


def refused(terminal: Terminal, cmd: int, amount: bytes | int) -> int:
    data = amount if isinstance(amount, bytes) else amount.to_bytes(4, "little")
    with pytest.raises(Refusal) as refusal:
        terminal.secure(cmd, b"\x02", data, full=True)
    return refusal.value.status


def test_a_change_counts_from_the_commit() -> None:
    terminal = opened(2)
    terminal.change_value(DEBIT, 2_500)
    assert terminal.value() == 10_000
    terminal.commit()
    assert terminal.value() == 7_500


@pytest.mark.parametrize(
    ("key_no", "cmd", "status"),
    [
        (0, DEBIT, 0xAE),
        (1, DEBIT, 0xAE),
        (0, CREDIT, 0xAE),
        (1, CREDIT, 0xAE),
        (2, CREDIT, 0xAE),
        (2, LIMITED_CREDIT, 0x9D),
        (3, LIMITED_CREDIT, 0x9D),
    ],
)
def test_a_key_without_the_right_is_refused(key_no: int, cmd: int, status: int) -> None:
    assert refused(opened(key_no), cmd, 1) == status


@pytest.mark.parametrize("key_no", [0, 1])
def test_reading_the_value_needs_debit_or_credit_key(key_no: int) -> None:
    with pytest.raises(Refusal):
        opened(key_no).value()


def test_limits() -> None:
    assert refused(opened(2), DEBIT, 10_001) == 0xBE
    terminal = opened(2)
    terminal.change_value(DEBIT, 6_000)
    assert refused(terminal, DEBIT, 4_001) == 0xBE
    assert refused(opened(3), CREDIT, 490_001) == 0xBE
    terminal = opened(3)
    terminal.change_value(CREDIT, 490_000)
    terminal.commit()
    assert terminal.value() == 500_000


@pytest.mark.parametrize(
    ("amount", "status"), [(b"", 0x7E), (bytes(3), 0x7E), (bytes(5), 0x7E), (b"\xff" * 4, 0x9E)]
)
def test_malformed_amounts(amount: bytes, status: int) -> None:
    assert refused(opened(2), DEBIT, amount) == status


@pytest.mark.parametrize(("file_no", "status"), [(1, 0x9E), (9, 0xF0)])
def test_other_files(file_no: int, status: int) -> None:
    for cmd, data in ((DEBIT, bytes(4)), (CREDIT, bytes(4)), (0x6C, b"")):
        with pytest.raises(Refusal) as refusal:
            opened(3).secure(cmd, bytes([file_no]), data, full=True)
        assert refusal.value.status == status


def test_an_unsigned_debit_is_refused() -> None:
    card = purse_card(10_000)
    terminal = Terminal(card.exchange)
    terminal.open_purse(2)
    assert terminal.frame(DEBIT, b"\x02" + bytes(4)) == (0x1E, b"")
    assert terminal.frame(DEBIT, b"\x02" + bytes(4)) == (0xAE, b"")
    assert card.value_fen(AID, 2) == 10_000


def test_limited_credit_gives_back_what_the_last_debit_took_and_no_more() -> None:
    card = purse_card(10_000, options=1)
    terminal = Terminal(card.exchange)
    terminal.open_purse(2)
    terminal.change_value(DEBIT, 1_000)
    terminal.change_value(DEBIT, 500)
    terminal.commit()
    for amount, status in ((1_501, 0xBE), (1_200, 0), (301, 0xBE), (300, 0), (1, 0xBE)):
        terminal.open_purse(3)
        if status:
            assert refused(terminal, LIMITED_CREDIT, amount) == status
        else:
            terminal.change_value(LIMITED_CREDIT, amount)
            terminal.commit()
    assert card.value_fen(AID, 2) == 10_000


def test_value_may_be_free_to_read() -> None:
    terminal = Terminal(purse_card(10_000, options=2).exchange)
    terminal.plain(0x5A, AID)
    assert terminal.plain(0x6C, b"\x02") == (10_000).to_bytes(4, "little")
    terminal.authenticate(1, b"\x02" * 16)
    assert terminal.plain(0x6C, b"\x02") == (10_000).to_bytes(4, "little")
