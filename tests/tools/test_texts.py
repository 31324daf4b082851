"""The kiosk's texts in ROM: each is found by its key in both languages, by the code that the kiosk runs."""

import random
import sys
from binascii import crc32
from pathlib import Path

import pytest

from tools import texts
from tools.font import TEXTS

sys.path.append(str(TEXTS.parents[1]))
from kiosk.texts import say  # type: ignore[import-not-found]
from kiosk.texts_rom import find  # type: ignore[import-not-found]


def test_every_text_is_found_as_the_sources_have_it() -> None:
    chinese, english = texts.tables(TEXTS)
    made = memoryview(texts.build([chinese, english]))
    assert len(chinese) > 60
    for key in chinese:
        assert find(made, "zh", key) == find(made, "fr", key) == say("zh", key) == chinese[key]
        assert find(made, "en", key) == say("en", key) == english[key]


@pytest.mark.parametrize("key", ["", "no_such", "刷卡", "ta"])
def test_a_key_that_there_is_not_is_an_error(key: str) -> None:
    for made in (texts.build(texts.tables(TEXTS)), texts.build([{}, {}])):
        with pytest.raises(KeyError):
            find(memoryview(made), "zh", key)


def test_a_text_in_one_language_alone_is_named(tmp_path: Path) -> None:
    path = tmp_path / "texts.py"
    path.write_text('ZH = """\ntap 请\nnew 新\n"""\nEN = """\ntap Tap\n"""\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"texts\.py: new is not in both"):
        texts.tables(path)


def test_what_the_file_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="long has 256 bytes"):
        texts.build([{"long": "x" * 256}, {"long": ""}])
    seen: dict[int, str] = {}
    chance = random.Random(1)
    for _ in range(5000):
        word = chance.randbytes(4).hex()
        twin = seen.setdefault(crc32(word.encode()) & 0xFFFF, word)
        if twin != word:
            words = {twin: "a", word: "b"}
            with pytest.raises(ValueError, match="has the number of another"):
                texts.build([words, words])
            return
    raise AssertionError("no two keys with one number among five thousand")
