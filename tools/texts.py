"""The kiosk's words as a file in its ROM: see firmware/kiosk/texts_rom.py."""

import ast
import struct
from binascii import crc32
from pathlib import Path

ROM = "kiosk/texts_rom.py"
INSTEAD = {("kiosk.texts", "say"): ("kiosk.texts_rom", "say")}
_TEXT_BYTES_MAX = 255


def tables(path: Path) -> list[dict[str, str]]:
    """Key -> text, Chinese then English, as kiosk/texts.py has them. ValueError for what is not in both."""
    found: dict[str, dict[str, str]] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            lines = ast.literal_eval(node.value).strip("\n").split("\n")
            found[node.targets[0].id] = dict(line.split(" ", 1) for line in lines)
    apart = found["ZH"].keys() ^ found["EN"].keys()
    if apart:
        raise ValueError(f"{path.name}: {', '.join(sorted(apart))} is not in both languages")
    return [found["ZH"], found["EN"]]


def build(languages: list[dict[str, str]]) -> bytes:
    """The file. ValueError for a text that is too long and for two keys that would be taken for one."""
    keys = {crc32(key.encode()) & 0xFFFF: key for key in languages[0]}
    if len(keys) < len(languages[0]):
        twins = sorted(set(languages[0]) - set(keys.values()))
        raise ValueError(f"texts: the key {twins[0]} has the number of another: give it another name")
    table, texts, start = b"", b"", 2 + 6 * len(keys)
    for number, key in sorted(keys.items()):
        table += struct.pack("<H", number)
        for words in languages:
            text = words[key].encode()
            if len(text) > _TEXT_BYTES_MAX:
                raise ValueError(f"texts: {key} has {len(text)} bytes, at most {_TEXT_BYTES_MAX}")
            table += struct.pack("<H", start + len(texts))
            texts += bytes([len(text)]) + text
    return struct.pack("<H", len(keys)) + table + texts
