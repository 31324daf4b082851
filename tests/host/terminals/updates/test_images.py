"""Firmware images in the books: whole, and one of a version."""

import pytest

from host.errors import Refused
from host.terminals.updates import images
from protocol.wire import image_file
from tests.host.rig import Shop
from tests.host.terminals.updates.updating import CONTENT, NEW


def test_an_image_is_kept_once_and_a_version_means_one_image(shop: Shop) -> None:
    with shop.opened.database.write() as connection:
        assert images.add(connection, CONTENT, "operator:boss") == (1_001_000, True)
        assert images.add(connection, CONTENT, "operator:eve") == (1_001_000, False)
    other = image_file.make(b"other", NEW, 0b11, (1, 0b10))
    for content, code in (
        (other, "version-used"),
        (CONTENT[:-1], "no-image"),
        (CONTENT + b"x", "no-image"),
        (CONTENT[:100] + b"x" + CONTENT[101:], "no-image"),
        (b"", "no-image"),
        (bytes(300_000), "no-image"),
    ):
        with pytest.raises(Refused) as refused, shop.opened.database.write() as connection:
            images.add(connection, content, "operator:boss")
        assert refused.value.code == code
    assert [row[:3] for row in shop.look(images.versions)] == [(1_001_000, len(CONTENT), "operator:boss")]
