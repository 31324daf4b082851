"""The steps that set a kiosk up or press its keys. Each gives a remark, or raises ValueError with what is
wrong.
"""

from collections.abc import Callable

from simulator import told
from simulator.scenario import checks
from simulator.scenario.grammar import Step
from simulator.unit import KioskUnit
from simulator.world import World

READY_S = 45.0
TAP_WORDS = ("请刷卡", "Tap your card")
TYPE_WORDS = ("请输入金额", "Type the amount")
# What stands on the screen of a kiosk that waits, by its mode; of a fixed price and a price list: the price.
IDLE = {
    "keypad": TYPE_WORDS,
    "balance": ("余额查询", "Balance check"),
    "collect": ("领取充值", "Collect top-up"),
    "till": ("请等收银台报价", "Wait for the till"),
    "pass": ("凭卡入场", "Tap to enter"),
}
IDLE_WORDS = TAP_WORDS + tuple(word for words in IDLE.values() for word in words)


def wait_shown(unit: KioskUnit, what: str, *texts: str) -> None:
    """Until one of these is on the screen; ValueError when none comes."""
    found = checks.until(lambda: None if unit.shows(*texts) else "another screen", READY_S)
    if found is not None:
        raise ValueError(f"kiosk {unit.name} did not show {what} within {READY_S:.0f} s")


def _kiosk(world: World, step: Step) -> str:
    """A kiosk, or another mode, price or list for one that there is."""
    mode = step.words[-1]
    price_fen, prices = step.numbers.get("money_fen", 1), step.prices
    shown = IDLE.get(mode, (checks.yuan(prices[0][1] if prices else price_fen),))
    unit = world.add_kiosk(
        step.args["kiosk"],
        price_fen,
        mode="fixed" if mode == "price" else mode,
        prices=prices,
        display="ssd1306" if "mono" in step.words else "st7789",
    )
    wait_shown(unit, shown[0], *shown)
    told.wait(world.host, world.kiosks)
    return ""


def _press(world: World, step: Step) -> str:
    world.kiosks[step.args["kiosk"]].kiosk.press(step.args["text"])
    return ""


def type_amount(unit: KioskUnit, amount_fen: int) -> None:
    """As a clerk does: its digits, then the key that confirms; until the kiosk asks for a card."""
    wait_shown(unit, TYPE_WORDS[0], *TYPE_WORDS)
    unit.kiosk.press(f"{amount_fen}E")
    wait_shown(unit, f"{checks.yuan(amount_fen)} and {TAP_WORDS[0]}", *TAP_WORDS)


VERBS: dict[str, Callable[[World, Step], str]] = {"kiosk": _kiosk, "press": _press}
