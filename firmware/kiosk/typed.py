"""The amount is typed at the keypad, as counters do it: digits come in from the right, the last two are
fen.
"""

from hal import ticks
from kiosk import screens_keys
from kiosk.choosing import Waiting

FORGET_MS = 30_000  # an amount half typed


async def type_amount(teller) -> str:  # type: ignore[no-untyped-def]
    """-> chosen, with the amount in `teller.price_fen`; or left."""
    front, most_fen = teller.front, teller.settings.config["max_fen"]
    waiting, shown = Waiting(teller), None
    typed_fen, note, began = 0, "", ticks.now()
    while not waiting.over:
        key = front.key()
        if key:
            front.dress(teller.settings.config, teller.clock)  # quiet hours may have begun
            began, note = ticks.now(), ""
            if key in "E#" and typed_fen:
                teller.price_fen, teller.fixed = typed_fen, False
                return "chosen"
            more_fen = after(typed_fen, key)
            if more_fen > most_fen:
                note = "most"
            else:
                typed_fen = more_fen
        elif typed_fen and ticks.since(began) > FORGET_MS:
            typed_fen, note = 0, ""
        if await waiting.card():
            note = "amount_first" if not typed_fen else "confirm"
        now = typed_fen, note, teller.link.online
        if now != shown:
            shown = now
            config = teller.settings.config
            limit_fen = most_fen if note == "most" else 0
            front.show(
                screens_keys.typing(
                    teller.settings.language, typed_fen, teller.link.online, config["title"], note, limit_fen
                )
            )
        await teller.rest()
    return "left"


def after(typed_fen: int, key: str) -> int:
    """What stands there when this key has been pressed; it may be too much."""
    if key == "C":
        return 0
    if key in "B*":
        return typed_fen // 10
    if key == "D":
        return typed_fen * 100
    return typed_fen * 10 + int(key) if key in "0123456789" else typed_fen
