"""How the page's kiosk is set up, and its keys: what it is told comes from the host, as any configuration."""

from collections.abc import Callable
from typing import Final

from simulator.board.keys import KEYS
from simulator.unit import KioskUnit
from simulator.world import World

LANGUAGES: Final = ("zh", "en")
MODES: Final = ("fixed", "keypad", "list", "balance", "collect", "pass", "till")
PRICES: Final = {
    "zh": (("剪发", 3800), ("美甲", 8800), ("洗吹", 2500), ("姜茶", 600)),
    "en": (("Haircut", 3800), ("Manicure", 8800), ("Blow-dry", 2500), ("Tea", 600)),
}


class ShopError(ValueError):
    """The page asked for something that can't be done; `code` is a word, str() a sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Setup:
    """changed() is called when the page is to look anew. One hand at a time: the shop's."""

    def __init__(self, world: World, unit: KioskUnit, changed: Callable[[], None]) -> None:
        self._world, self._unit, self._changed = world, unit, changed

    def language(self, language: str) -> None:
        """Another language on its screen."""
        if language not in LANGUAGES:
            raise ShopError("language", f"the kiosk speaks {' and '.join(LANGUAGES)}, not {language!r}")
        self._tell(language, self._unit.mode)

    def choose(self, mode: str) -> None:
        """What it is for: any of MODES; some take nothing at all."""
        if mode not in MODES:
            raise ShopError("mode", f"the kiosk's modes are {', '.join(MODES)}, not {mode!r}")
        self._tell(self._unit.language, mode)

    def press(self, key: str) -> None:
        """One key of its keypad."""
        if len(key) != 1 or key not in "".join(KEYS):
            raise ShopError("key", f"the keypad has the keys {' '.join(KEYS)}, not {key!r}")
        self._unit.kiosk.press(key)

    def _tell(self, language: str, mode: str) -> None:
        self._world.add_kiosk(
            self._unit.name, self._unit.price_fen, language, mode=mode, prices=PRICES[language]
        )
        self._changed()
