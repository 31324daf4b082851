from random import Random

import pytest

from simulator.card import FelicaCard, card_from_state

IDM = bytes.fromhex("0112345678ABCDEF")


def card(code: str = "88B4") -> FelicaCard:
    made = FelicaCard(IDM, bytes.fromhex(code))
    made.enter_field()
    return made


@pytest.mark.parametrize("code", ["FFFF", "88B4", "88FF", "FFB4"])
def test_polling_for_any_or_its_own_system_tells_the_idm(code: str) -> None:
    answer = card().rf_frame(bytes.fromhex(f"0600{code}0000"))
    assert answer is not None and answer[:2] == b"\x12\x01" and answer[2:10] == IDM and len(answer) == 18


def test_the_system_code_is_told_when_asked_for() -> None:
    answer = card("0003").rf_frame(bytes.fromhex("0600FFFF0100"))
    assert answer is not None and answer[0] == len(answer) == 20 and answer[-2:] == b"\x00\x03"


def test_requests_by_idm() -> None:
    assert card().rf_frame(b"\x0a\x04" + IDM) == b"\x0b\x05" + IDM + b"\x00"
    assert card().rf_frame(b"\x0a\x0c" + IDM) == b"\x0d\x0d" + IDM + b"\x01\x88\xb4"
    assert card().rf_frame(b"\x0a\x04" + IDM[::-1]) is None


@pytest.mark.parametrize("frame", ["", "06", "060012FC0000", "0700FFFF0000", "0500FFFF00", "0A06" + "00" * 8])
def test_it_is_silent_to_everything_else(frame: str) -> None:
    assert card().rf_frame(bytes.fromhex(frame)) is None and card().exchange(b"\x60") is None


def test_no_frame_crashes_it() -> None:
    rng, made = Random(3), card()
    for _ in range(2000):
        size = rng.randrange(0, 20)
        made.rf_frame(rng.choice((bytes([size + 1]), b"")) + rng.randbytes(size))


def test_its_memory_goes_through_json() -> None:
    again = card_from_state(card("0003").dump())
    assert isinstance(again, FelicaCard) and (again.uid, again.system_code) == (IDM, b"\x00\x03")
    with pytest.raises(ValueError, match="no card that dump"):
        card_from_state({"kind": "felica", "uid": IDM.hex(), "system_code": "00"})
    with pytest.raises(ValueError, match="8 bytes"):
        FelicaCard(bytes(7))
