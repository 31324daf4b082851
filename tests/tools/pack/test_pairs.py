"""Texts with pairs as one byte say what they said, in less room."""

import random

import pytest

from tools.pack.pairs import FIRST, coded


def spread(code: bytes, pairs: bytes) -> bytes:
    out = b""
    for byte in code:
        at = 2 * (byte - FIRST)
        out += bytes([byte]) if at < 0 else spread(pairs[at : at + 2], pairs)
    return out


def test_texts_come_back() -> None:
    rng = random.Random(1)
    words = ["".join(rng.choices("abc %\n\x7f\0", k=rng.randint(1, 6))) for _ in range(20)]
    texts = tuple("".join(rng.choices(words, k=rng.randint(0, 9))) for _ in range(300))
    pairs, codes = coded(texts)
    assert len(pairs) == 2 * 128
    assert tuple(spread(code, pairs).decode() for code in codes) == texts
    assert len(pairs) + sum(map(len, codes)) < sum(map(len, texts)) / 2


@pytest.mark.parametrize("texts", [(), ("",), ("abc",), ("ab", "ab", "ba")])
def test_what_does_not_pay_stays(texts: tuple[str, ...]) -> None:
    assert coded(texts) == (b"", [text.encode() for text in texts])


def test_a_pair_of_pairs_is_one_too() -> None:
    pairs, codes = coded(("abababab", "cabab"))
    assert pairs == b"ab\x80\x80" and codes == [b"\x81\x81", b"c\x81"]


def test_the_same_letter_again_and_again_comes_back() -> None:
    texts = ("aaaaaaa", "aaa", "a")
    pairs, codes = coded(texts)
    assert [spread(code, pairs).decode() for code in codes] == list(texts)


def test_what_is_not_ascii_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        coded(("余额",))
