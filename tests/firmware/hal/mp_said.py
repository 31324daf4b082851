"""Texts by number, from one run of bytes in which pairs of letters are one."""

from hal import said


def test_each_text_comes_back_by_its_number():
    codes = [b"the first", b"", b"\x81\x80t", b"l\x80t", b"\x82\x82", b"\x7f\n"]
    texts = ["the first", "", "the last", "last", "the the ", "\x7f\n"]
    said.TEXTS = b"".join(codes)
    said.LENGTHS = bytes([len(code) for code in codes])
    said.PAIRS = b"as" + b"\x82l" + b"\x83\x84" + b"th" + b"e "
    assert [said.said(number) for number in range(len(texts))] == texts
