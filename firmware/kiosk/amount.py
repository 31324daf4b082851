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
