"""The desk's reader by its lasting name, and who works there."""

from pathlib import Path

import pytest

from simulator import front_desk


def test_the_reader_is_called_the_same_at_every_start(tmp_path: Path) -> None:
    first = front_desk.named(tmp_path, "/dev/pts/1")
    assert front_desk.named(tmp_path, "/dev/pts/2") == first == f"tty:{tmp_path / 'desk-reader'}"
    assert (tmp_path / "desk-reader").readlink() == Path("/dev/pts/2")


def test_a_folder_that_no_browser_would_keep_is_not_named(tmp_path: Path) -> None:
    for name in ("数据", "x" * 240):
        assert front_desk.named(tmp_path / name, "/dev/pts/1") == "tty:/dev/pts/1"


@pytest.mark.parametrize("content", [None, "", "{}", "[1]", '[{"name": "a"}]'])
def test_without_a_good_file_nobody_works_there(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "demo-operators").write_text(content)
    assert front_desk.people(tmp_path) == []
