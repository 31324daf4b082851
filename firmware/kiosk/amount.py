"""What is to be paid: the activity of the session's state AMOUNT, by the mode of the configuration."""


async def choose(teller) -> str:  # type: ignore[no-untyped-def]
    """Set `teller.price_fen` for the coming tap -> the session's event: chosen, or left when nobody chose.

    fixed: the next card may have the same amount. A price of 0: the card is only to be looked at.
    """
    config = teller.settings.config
    mode = config["mode"]
    teller.front.dress(config, teller.clock)
    teller.label, teller.fixed = "", True
    if mode == "till":
        from kiosk import till

        return till.choose(teller)
    if teller.order:  # of the mode before: what is paid from now on is not paid for it
        from kiosk import till

        till.leave(teller)
    teller.mark = (0, 0)
    if mode == "keypad":
        from kiosk.typed import type_amount

        return await type_amount(teller)
    if mode == "list":
        from kiosk.menu import pick

        return await pick(teller)
    teller.price_fen = 0 if mode in ("balance", "collect", "pass") else config["price_fen"]
    return "chosen"


class Waiting:
    """What keeps a customer who has not chosen yet: is the kiosk called away, and what changed?"""

    def __init__(self, teller) -> None:  # type: ignore[no-untyped-def]
        self._teller = teller
        if teller.tapped:  # it came while the last outcome was shown
            teller.tapped = False
            teller.presence.may_return()

    @property
    def over(self) -> bool:
        """Something else is wanted of this kiosk, or a newer configuration waits."""
        teller = self._teller
        return teller.called_away() or teller.settings.next is not None

    async def card(self) -> bool:
        """Look once: is there a card, too early? It may be served as soon as something was chosen."""
        presence = self._teller.presence
        if not await presence.look():
            return False
        presence.may_return()
        return True


def unchosen(teller) -> bool:  # type: ignore[no-untyped-def]
    """Does a key say that the choice was wrong? Another button of the price list is the next choice."""
    key = teller.front.key()
    if teller.label and key and key not in "BCDE":
        teller.front.keep_key(key)
        return True
    return key != "" and key in "BC*"
