"""One of the prices of a list is picked by its button: the keys of the pad, from the upper left one on."""

from kiosk import screens_keys
from kiosk.choosing import Waiting

BUTTONS = "123456789*0#"


async def pick(teller) -> str:  # type: ignore[no-untyped-def]
    """-> chosen, with the amount in `teller.price_fen` and its label; or left."""
    config = teller.settings.config
    waiting, shown = Waiting(teller), None
    prices = config["prices"]
    while not waiting.over:
        key = teller.front.key()
        at = BUTTONS.find(key) if key else -1
        if 0 <= at < len(prices):
            teller.label, teller.price_fen = prices[at]
            teller.fixed = False
            return "chosen"
        await waiting.card()
        if shown is not teller.link.online:
            shown = teller.link.online
            rows = [(BUTTONS[at], label, amount_fen) for at, (label, amount_fen) in enumerate(prices)]
            teller.front.show(screens_keys.menu(teller.settings.language, rows, shown, config["title"]))
        await teller.rest()
    return "left"
