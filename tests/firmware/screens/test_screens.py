"""Screens look as somebody saw and accepted them, and their text can be read back from the pixels."""

import pytest

from simulator.screen import Font, screen_text
from tests.micropython import micropython
from tools import font, screens


@pytest.fixture(scope="module")
def fonts() -> dict[str, bytes]:
    return font.build_all()


@pytest.fixture(scope="module")
def pictures(fonts: dict[str, bytes]) -> list[screens.Picture]:
    micropython()  # skips where there is none
    return screens.render(fonts=fonts)


def test_every_screen_looks_as_it_was_accepted(pictures: list[screens.Picture]) -> None:
    changed = screens.differences(pictures, screens.accepted())
    assert not changed, (
        f"{len(changed)} screens look different, {changed[0]} among them: run `make screens`, look at "
        "build/screens/index.html, and when they are right `make screens ARGS=--accept`"
    )


@pytest.mark.parametrize("kind", ["colour", "mono"])
def test_text_comes_back_from_the_pixels(
    kind: str, pictures: list[screens.Picture], fonts: dict[str, bytes]
) -> None:
    expected = {
        "zh idle-offline": ["脱机", "¥5000.00", "请刷卡"],
        "zh paid": ["✓支付成功", "¥25.00", "75.00"],
        "zh refused-early": ["×未扣款", "卡片离开太早", "请重放"],
        "en unknown": ["?Outcome unknown", "Never paid twice"],
        "en refused-low-below-zero": ["×Not charged", "Balance too low", "-5000.00"],
    }
    readers = [Font(content) for content in fonts.values()]
    found = {picture.name: picture for picture in pictures}
    for name, texts in expected.items():
        picture = found[f"{kind} {name}"]
        seen = "|".join(screen_text(picture.rgb565(), readers, picture.width))
        for text in texts:
            assert text in seen, (name, seen)
