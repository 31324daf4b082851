"""Formats of the card's files: what is written is read back, and what is not ours is seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import aes
from protocol.card import layout

KEY, UID = bytes(range(16)), bytes.fromhex("04112233445566")
U16, U32 = st.integers(0, 0xFFFF), st.integers(0, 0xFFFF_FFFF)


def test_rights_are_two_bytes_least_significant_first() -> None:
    assert layout.rights(0x1, 0x2, 0x3, 0x4) == bytes([0x34, 0x12])
    assert layout.RIGHTS[layout.FILE_VALUE].hex() == "3023"
    assert layout.RIGHTS[layout.FILE_LOG].hex() == "0012"
    assert layout.RIGHTS[layout.FILE_TMAC].hex() == "f02f"


def test_card_data_is_read_with_the_debit_key_and_written_by_the_master_key_alone() -> None:
    low, high = layout.RIGHTS[layout.FILE_DATA]
    assert high >> 4 == layout.KEY_DEBIT
    assert {high & 15, low >> 4, low & 15} == {layout.KEY_MASTER}


def test_the_debit_key_opens_value_and_log_and_nothing_that_adds_money() -> None:
    """Read = GetValue and Debit. Write and ReadWrite, which can credit, are the credit key's."""
    low, high = layout.RIGHTS[layout.FILE_VALUE]
    assert high >> 4 == layout.KEY_DEBIT
    assert {high & 15, low >> 4} == {layout.KEY_CREDIT}
    assert low & 15 == layout.KEY_MASTER


@given(U16, st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=19))
def test_card_data_holds_the_issue_the_number_and_a_mac(issue: int, number: str) -> None:
    data = layout.card_data(KEY, UID, issue, number)
    assert len(data) == layout.DATA_SIZE
    assert layout.card_issue(data) == issue
    assert data[5:24].rstrip(b"\0").decode() == number
    assert data[-8:] == aes.cmac8(KEY, UID + data[:-8])


@pytest.mark.parametrize("number", ["", "1" * 20, "会员一", "a\nb", "\x7f", "1\0"])
def test_a_card_number_is_up_to_19_characters_of_ascii(number: str) -> None:
    with pytest.raises(ValueError, match="1 to 19 printable ASCII"):
        layout.card_data(KEY, UID, 1, number)


def test_what_is_no_card_data_of_ours() -> None:
    data = layout.card_data(KEY, UID, 7, "42")
    assert layout.card_issue(b"") is None
    assert layout.card_issue(data[:-1]) is None
    assert layout.card_issue(data + b"\x00") is None
    assert layout.card_issue(bytes(32)) is None
    assert layout.card_issue(b"\x02" + data[1:]) is None
    assert layout.card_issue(data[:3] + b"US" + data[5:]) is None


@given(U32, U16, U32, U32, U32, U32)
def test_a_log_record_comes_back(
    kiosk_no: int, epoch: int, counter: int, amount_fen: int, value_fen: int, happened_s: int
) -> None:
    given_ = (kiosk_no, epoch, counter, amount_fen, value_fen, happened_s)
    record = layout.log_record(*given_)
    assert len(record) == layout.LOG_SIZE
    assert layout.read_log_record(record) == (layout.LOG_DEBIT, *given_)


def test_bytes_of_a_log_record_as_documented() -> None:
    record = layout.log_record(0x01020304, 0x0506, 0x0708090A, 0x0B0C0D0E, 0x0F101112, 0x13141516)
    assert record.hex() == "01040302010605" + "0a090807" + "0e0d0c0b" + "1211100f" + "16151413" + "00"
