"""What kiosk/texts.py is in the image: its texts as a file in ROM, found by their key, without any heap.

texts.bin (tools/texts.py): count u16 LE; then for each key, rising: its CRC-32 cut to 16 bits, and where its
Chinese and its English text stand, u16 LE each; then the texts: length u8, UTF-8.
"""

from binascii import crc32

_texts = b""


def say(language: str, key: str) -> str:
    """As texts.say."""
    global _texts
    if not _texts:
        _texts = memoryview(open("/rom/texts.bin", "rb"))  # type: ignore[assignment]
    return find(_texts, language, key)


def find(texts, language: str, key: str) -> str:  # type: ignore[no-untyped-def]
    """The text of a key in the file's bytes; KeyError."""
    wanted = crc32(key.encode()) & 0xFFFF
    low, high = 0, texts[0] | texts[1] << 8
    while low < high:
        middle = (low + high) // 2
        at = 2 + 6 * middle
        found = texts[at] | texts[at + 1] << 8
        if found == wanted:
            at += 4 if language == "en" else 2
            at = texts[at] | texts[at + 1] << 8
            return str(texts[at + 1 : at + 1 + texts[at]], "utf-8")
        if found < wanted:
            low = middle + 1
        else:
            high = middle
    raise KeyError(key)
