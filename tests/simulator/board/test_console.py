"""The console hands out whole lines, whatever the pieces the bytes came in."""

from pathlib import Path

from simulator.board.console import Console


def test_lines_are_whole_and_every_byte_is_logged(tmp_path: Path) -> None:
    console = Console(tmp_path / "console.log")
    for piece in (b"jour", b"nal pending 1", b"2\r\nnext\n", b"unfini"):
        console.feed(piece)
    assert console.tail() == ["journal pending 12", "next"]
    assert console.tail(1, unfinished=True) == ["unfini"]
    assert console.path.read_bytes() == b"journal pending 12\r\nnext\nunfini"


def test_characters_cut_between_pieces_and_broken_ones(tmp_path: Path) -> None:
    console = Console(tmp_path / "console.log")
    text = "已付\n".encode()
    console.feed(text[:2])
    console.feed(text[2:])
    console.feed(b"\xff\xfe\n")
    assert console.tail() == ["已付", "\ufffd\ufffd"]


def test_a_note_stands_on_its_own_line_and_old_lines_are_dropped(tmp_path: Path) -> None:
    console = Console(tmp_path / "console.log")
    console.feed(b"half")
    console.note("power on")
    assert console.tail() == ["half", "power on"]
    console.feed(b"x\n" * 1000)
    assert len(console.tail()) == 400
