"""What a kiosk's configuration brings is read off the wire; whatever else travels there changes nothing."""

from types import SimpleNamespace
from typing import Any

import pytest

from host.terminals.fleet import font
from protocol.wire import cbor, config
from simulator import characters

GLYPHS = font.build("美甲", font.TEXT_24) + font.build("美甲", font.TEXT_16)


class Kiosk:
    def __init__(self) -> None:
        self.learned: list[Any] = []

    def learn(self, fonts: list[Any]) -> None:
        self.learned.append([one.height for one in fonts])


def kiosk_unit() -> Any:
    return SimpleNamespace(kiosk=Kiosk(), language="zh", mode="fixed")


def heard(*messages: bytes) -> list[Any]:
    unit = kiosk_unit()
    for message in messages:
        characters.learn(unit, message)
    learned: list[Any] = unit.kiosk.learned
    return learned


def message(kind: int, body: object) -> bytes:
    return cbor.encode([1, 1, "K1", 0, 1, kind, body]) + bytes(16)


def test_both_fonts_are_learned_and_forgotten_by_the_next_configuration() -> None:
    assert heard(message(config.CONFIG, {20: GLYPHS}), message(config.CONFIG, {})) == [[24, 16], []]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"x" * 40,
        message(17, {20: GLYPHS}),
        message(config.CONFIG, 5),
        message(config.CONFIG, [20]),
        cbor.encode([1]) + bytes(16),
        cbor.encode(7) + bytes(16),
    ],
)
def test_what_is_no_configuration_changes_nothing(payload: bytes) -> None:
    assert heard(payload) == []
    characters.learn(None, payload)


def test_what_the_kiosk_is_for_is_known_whoever_chose_it() -> None:
    unit = kiosk_unit()
    characters.learn(unit, message(config.CONFIG, {4: "en", 13: "till"}))
    assert (unit.language, unit.mode) == ("en", "till")
    characters.learn(unit, message(17, {4: "zh", 13: "list"}))
    assert (unit.language, unit.mode) == ("en", "till")


def test_a_damaged_font_is_left_out() -> None:
    assert heard(message(config.CONFIG, {20: GLYPHS[:-1]})) == [[24]]
