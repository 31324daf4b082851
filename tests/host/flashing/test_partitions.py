"""The partition table as it lies in flash, and CSV files that are none."""

import hashlib
import struct
from pathlib import Path

import pytest

from host.cli_kiosk_flash import TABLE
from host.errors import HostError
from host.flashing import partitions
from protocol.wire import image_file


def test_the_kiosks_own_table_as_esp_idf_documents_it() -> None:
    layout = partitions.read(TABLE)
    raw = partitions.table(layout)
    assert len(raw) == 0xC00
    rows = [struct.unpack("<HBBII16sI", raw[at : at + 32]) for at in range(0, 32 * len(layout), 32)]
    labels = [row[5].rstrip(b"\0").decode() for row in rows]
    assert labels == ["nvs", "phy_init", "factory", "romfs", "vfs", "journal"]
    assert {row[0] for row in rows} == {0x50AA} and {row[6] for row in rows} == {0}
    assert rows[0][1:5] == (1, 2, 0x9000, 0x6000) and rows[2][1:5] == (0, 0, 0x10000, 0x1F0000)
    assert rows[4][1:5] == (1, 0x82, 0x280000, 0x80000)
    end = 32 * len(layout)
    assert raw[end : end + 16] == b"\xeb\xeb" + b"\xff" * 14
    assert raw[end + 16 : end + 32] == hashlib.md5(raw[:end]).digest()
    assert set(raw[end + 32 :]) == {0xFF}
    assert layout["romfs"].size == image_file.PARTITION_BYTES
    assert layout["journal"].offset + layout["journal"].size <= 4 * 1024 * 1024


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no partitions"),
        ("# nothing\n", "has no partitions"),
        ("vfs, data, 0x82, 0x10000\n", "line 1: not a partition"),
        ("vfs, files, 0x82, 0x10000, 0x1000\n", "line 1: not a partition"),
        ("vfs, data, odd, 0x10000, 0x1000\n", "line 1: not a partition"),
        ("vfs, data, 0x82, here, 0x1000\n", "line 1: not a partition"),
        ("vfs, data, 0x82, 0x8000, 0x1000\n", "line 1: a partition must follow"),
        ("vfs, data, 0x82, 0x10000, 0x1001\n", "whole sectors"),
        (
            "a, data, 0x82, 0x10000, 0x2000\nb, data, 0x82, 0x11000, 0x1000\n",
            "line 2: a partition must follow",
        ),
        ("a_name_of_16_char, data, 0x82, 0x10000, 0x1000\n", "line 1"),
    ],
)
def test_what_is_no_table_is_said_by_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "p.csv"
    path.write_text(text)
    with pytest.raises(HostError, match=said):
        partitions.read(path)
    with pytest.raises(HostError, match="cannot be read"):
        partitions.read(tmp_path / "none.csv")
