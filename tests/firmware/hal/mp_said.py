"""Texts by number, from one run of bytes."""

from hal import said

TEXTS = ["the first", "", "余额不足，请充值", "last"]


def test_each_text_comes_back_by_its_number():
    whole, places = b"", bytes(2)
    for text in TEXTS:
        whole += text.encode()
        places += len(whole).to_bytes(2, "little")
    said.TEXTS, said.PLACES = whole, places
    assert [said.said(number) for number in range(len(TEXTS))] == TEXTS
