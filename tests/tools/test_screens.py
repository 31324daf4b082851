"""The page of screens: what changed stands on it, old beside new, and is accepted by a word."""

from pathlib import Path

from PIL import Image

from tools.screens import Picture, differences, page


def mono(name: str, fill: int) -> Picture:
    return Picture(name, 16, 8, 1, bytes([fill]) * 16)


def test_a_mono_page_has_its_lowest_bit_on_top() -> None:
    picture = Picture("one", 16, 8, 1, b"\x01" + bytes(14) + b"\x80")
    image = picture.image()
    lit = [(x, y) for x in range(16) for y in range(8) if image.getpixel((x, y)) != (0, 0, 0)]
    assert lit == [(0, 0), (15, 7)]


def test_colours_are_big_endian_rgb565() -> None:
    picture = Picture("one", 3, 1, 16, b"\xf8\x00\x07\xe0\x00\x1f")
    assert [picture.image().getpixel((x, 0)) for x in range(3)] == [(248, 0, 0), (0, 252, 0), (0, 0, 248)]


def test_new_changed_and_gone_screens_are_differences_and_same_ones_are_not() -> None:
    before = {"same": mono("same", 1).hash, "changed": mono("changed", 1).hash, "gone": "0" * 16}
    now = [mono("same", 1), mono("changed", 2), mono("new", 3)]
    assert differences(now, before) == ["changed", "gone", "new"]


def test_the_page_shows_old_beside_new_beside_the_difference(tmp_path: Path) -> None:
    old, new = mono("idle", 0x0F), mono("idle", 0x3F)
    page([old], {}, tmp_path)
    text = page([new], {"idle": old.hash}, tmp_path).read_text()
    for name in (old.hash, new.hash, f"{old.hash}-{new.hash}"):
        assert f"pictures/{name}.png" in text
    with Image.open(tmp_path / "pictures" / f"{old.hash}-{new.hash}.png") as difference:
        rows = [y for y in range(8) if difference.getpixel((0, y)) != (0, 0, 0)]
    assert rows == [4, 5]
    assert "1 changed" in text and "0 changed" in page([new], {"idle": new.hash}, tmp_path).read_text()
