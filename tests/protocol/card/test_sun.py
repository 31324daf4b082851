"""SUN messages of an NTAG 424 DNA: the example of AN12196, and everything that is not genuine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import aes
from protocol.card import sun

ZERO = bytes(16)
UID = bytes.fromhex("04DE5F1EACC040")
PICC_DATA = bytes.fromhex("EF963FF7828658A599F3041510671E88")
MAC = bytes.fromhex("94EED9EE65337086")


def test_the_example_of_an12196() -> None:
    assert sun.open_picc_data(ZERO, PICC_DATA) == (UID, 61)
    assert sun.genuine(ZERO, UID, 61, MAC)


@pytest.mark.parametrize(
    ("key", "uid", "counter", "mac"),
    [
        (b"\x01" + ZERO[1:], UID, 61, MAC),
        (ZERO, UID[::-1], 61, MAC),
        (ZERO, UID, 60, MAC),
        (ZERO, UID, 62, MAC),
        (ZERO, UID, 61, bytes(8)),
        (ZERO, UID, 61, MAC[:-1]),
        (ZERO, UID, 61, b""),
        (ZERO, UID, 61, MAC + b"\x00"),
    ],
)
def test_not_genuine(key: bytes, uid: bytes, counter: int, mac: bytes) -> None:
    assert not sun.genuine(key, uid, counter, mac)


@pytest.mark.parametrize("size", [0, 15, 17, 32])
def test_picc_data_has_one_block(size: int) -> None:
    assert sun.open_picc_data(ZERO, bytes(size)) is None


def test_picc_data_of_another_key_or_form() -> None:
    assert sun.open_picc_data(b"\x01" + ZERO[1:], PICC_DATA) is None
    other_form = aes.encrypt_cbc(ZERO, ZERO, b"\x87" + UID + bytes(8))
    assert sun.open_picc_data(ZERO, other_form) is None


@pytest.mark.parametrize("counter", [0, 1, 0xFFFF, 0xFF_FFFF])
def test_the_counter_is_three_bytes_least_significant_first(counter: int) -> None:
    sealed = aes.encrypt_cbc(ZERO, ZERO, b"\xc7" + UID + counter.to_bytes(3, "little") + bytes(5))
    assert sun.open_picc_data(ZERO, sealed) == (UID, counter)
    assert sun.genuine(ZERO, UID, counter, sun.mac(ZERO, UID, counter))


BASE = "https://cards.example/c"
P, M = "EF963FF7828658A599F3041510671E88", "94EED9EE65337086"


def test_a_file_has_room_for_what_the_card_puts_in() -> None:
    made = sun.message(BASE)
    assert made.file[:2] == (len(made.file) - 2).to_bytes(2, "big")
    filled = made.file[: made.picc_at] + P.encode() + made.file[made.picc_at + 32 : made.mac_at] + M.encode()
    assert len(filled) == len(made.file)
    url = sun.url_of(filled[2:])
    assert url == f"{BASE}?p={P}&m={M}"
    assert sun.parse(url) == (PICC_DATA, MAC)


@pytest.mark.parametrize(
    "base",
    ["", "https://", "http://a.example/c", "https://a b", "https://a?x=1", "https://卡.example", "https://a#",
     "https://a&b", "https://a\n", "https://" + "a" * 160, 'https://a"'],
)  # fmt: skip
def test_a_base_that_no_card_can_carry(base: str) -> None:
    with pytest.raises(ValueError, match="a card's URL"):
        sun.message(base)


@pytest.mark.parametrize(
    "url",
    [f"https://x/?p={P}&m={M}", f"?m={M}&p={P}", f"a?x=1&p={P.lower()}&m={M.lower()}&y", f"?p={P}&m={M}#top"],
)
def test_only_what_the_card_made_counts_in_a_url(url: str) -> None:
    assert sun.parse(url) == (PICC_DATA, MAC)


@pytest.mark.parametrize(
    "url",
    [
        "", "?", "#", "https://x/", f"?p={P}", f"?m={M}", f"p={P}&m={M}", f"?p={P}&m={M}&m={M}",
        f"?p={P}&p={P}&m={M}",
        f"?p={P[:-1]}&m={M}", f"?p={P}0&m={M}", f"?p={P}&m={M[:-2]}", f"?p={P}&m={M}00",
        f"?p={P[:-1]}G&m={M}",
        f"?p={P}&m={M[:-1]} ", f"?p={P[:-1]}１&m={M}", f"?P={P}&M={M}", f"#?p={P}&m={M}",
        f"?p={P}&m={M}" + "&x=" + "y" * 600, f"?p=0x{P[2:]}&m={M}", f"?p={P[:-2]}%00&m={M}", "?p=&m=",
        f"?p={P};m={M}", f"?p= {P[1:]}&m={M}", f"?p={P[:-1]}\x00&m={M}", "\ud800?p=1",
    ],
)  # fmt: skip
def test_urls_of_any_other_shape_say_nothing(url: str) -> None:
    assert sun.parse(url) is None


@pytest.mark.parametrize(
    "ndef",
    ["", "D1", "D1010055", "D1010155", "D101025504", "D20102550461", "D10102540461", "D10102550361",
     "D10202550461", "D10103550461", "D1010355042061", "D10103550461FF", "D10103550461C3"],
)  # fmt: skip
def test_other_messages_hold_no_url(ndef: str) -> None:
    assert sun.url_of(bytes.fromhex(ndef)) is None
    assert sun.url_of(bytes.fromhex("D10102550461")) == "https://a"


@given(st.one_of(st.text(), st.text("?&#=pm0aF", max_size=80)), st.binary(max_size=300))
def test_nothing_that_comes_in_crashes_it(url: str, ndef: bytes) -> None:
    said = sun.parse(url)
    assert said is None or (len(said[0]), len(said[1])) == (16, 8)
    found = sun.url_of(ndef)
    assert found is None or found.isascii()
    assert sun.open_picc_data(ZERO, ndef) is None or len(ndef) == 16


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=8, max_size=8), st.text("abc=&", max_size=9))
def test_what_the_card_made_comes_out_of_any_url(picc_data: bytes, mac: bytes, around: str) -> None:
    url = f"https://x/{around}?{around}&p={picc_data.hex()}&{around}&m={mac.hex()}#{around}"
    assert sun.parse(url) == (picc_data, mac)
