"""Commands in their ISO clothes, and procedures that stop at a hostile card."""

import pytest

from protocol.card import apdu
from protocol.card.apdu import CardError


def play(procedure: object, answers: list[bytes]) -> tuple[list[bytes], object]:
    """Run a procedure against canned answers -> (what it sent, its result)."""
    sent: list[bytes] = []

    def transceive(command: bytes) -> bytes:
        sent.append(command)
        return answers[len(sent) - 1]

    result: object = apdu.run(procedure, transceive)  # type: ignore[arg-type]
    return sent, result


def test_wrap_with_and_without_a_body() -> None:
    assert apdu.wrap(0x6C).hex() == "906c000000"
    assert apdu.wrap(0x5A, b"\x01\x50\x54").hex() == "905a00000301505400"
    assert apdu.wrap(0x8D, bytes(255))[4] == 255
    with pytest.raises(ValueError, match="range"):
        apdu.wrap(0x8D, bytes(256))


def test_unwrap() -> None:
    assert apdu.unwrap(b"\x91\x00") == (0, b"")
    assert apdu.unwrap(b"ab\x91\xaf") == (0xAF, b"ab")


@pytest.mark.parametrize("answer", [b"", b"\x91", b"\x90\x00", b"\x6a\x82", b"\x91\x00\x90\x00", b"\x00\x91"])
def test_what_is_no_desfire_answer(answer: bytes) -> None:
    with pytest.raises(CardError, match="not a DESFire answer") as caught:
        apdu.unwrap(answer)
    assert caught.value.status is None


def test_an_answer_in_three_frames() -> None:
    sent, got = play(apdu.exchange(0xAB, b"\x03"), [b"ab\x91\xaf", b"cd\x91\xaf", b"e\x91\x00"])
    assert got == b"abcde"
    assert [command.hex() for command in sent] == ["90ab0000010300", "90af000000", "90af000000"]


@pytest.mark.parametrize("status", [0x0C, 0x1C, 0x7E, 0x9D, 0xA0, 0xAE, 0xBE, 0xCA, 0xEE, 0xFF])
def test_a_refusal_carries_command_and_status(status: int) -> None:
    with pytest.raises(CardError, match=f"command DC with status {status:02X}") as caught:
        play(apdu.exchange(0xDC), [bytes([0x91, status])])
    assert caught.value.status == status


def test_a_refusal_after_some_frames_does_not_count_as_the_commands_refusal() -> None:
    with pytest.raises(CardError, match="status AE") as caught:
        play(apdu.exchange(0xC7), [b"ab\x91\xaf", b"\x91\xae"])
    assert caught.value.status is None


def test_an_answer_without_end_is_given_up_and_no_outcome_is_claimed() -> None:
    sent: list[bytes] = []

    def endless(command: bytes) -> bytes:
        sent.append(command)
        return bytes(59) + b"\x91\xaf"

    with pytest.raises(CardError, match="does not end") as caught:
        apdu.run(apdu.exchange(0xC7, b"\x01"), endless)
    assert caught.value.status is None
    assert len(sent) == apdu.FRAMES_MAX


def test_select_names_the_application() -> None:
    sent, got = play(apdu.select(b"\x01\x50\x54"), [b"\x91\x00"])
    assert (sent[0].hex(), got) == ("905a00000301505400", b"")


def test_a_fault_of_the_reader_passes_through() -> None:
    def gone(_command: bytes) -> bytes:
        raise OSError("card left")

    with pytest.raises(OSError, match="card left"):
        apdu.run(apdu.select(b"\x01\x50\x54"), gone)
