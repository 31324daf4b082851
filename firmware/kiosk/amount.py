"""What is to be paid: the activity of the session's state AMOUNT."""


async def choose(teller) -> str:  # type: ignore[no-untyped-def]
    """Set `teller.price_fen` for the coming tap -> the session's event: chosen, or left when nobody chose."""
    if teller.settings.config["mode"] == "till":
        from kiosk import till

        return till.choose(teller)
    teller.mark = (0, 0)
    teller.price_fen = teller.settings.config["price_fen"]
    return "chosen"
