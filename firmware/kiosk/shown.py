"""What the session has shown: its show_ actions, from the state of the teller to a screen and an outcome."""

from kiosk import screens

STRIP_PAUSE_MS = 5  # while a card is worked on, which is not to wait for the screen


def show_idle(teller) -> None:  # type: ignore[no-untyped-def]
    """What a card would pay or is looked at for, and whether the host answers."""
    config, language = teller.settings.config, teller.settings.language
    state = teller.link.online, teller.presence.resting, teller.label or config["title"]
    if teller.price_fen or config["mode"] == "till":
        teller.front.show(screens.idle(language, teller.price_fen, *state))
    else:
        what = {"collect": "fetch", "pass": "enter"}.get(config["mode"], "look")
        teller.front.show(screens.station(language, what, *state))


def show_reading(teller, what: str = "reading") -> None:  # type: ignore[no-untyped-def]
    """Hold still; what: reading, or collecting while the host talks to the card."""
    teller.front.dress(teller.settings.config, teller.clock)
    teller.front.show(screens.reading(teller.settings.language, teller.price_fen, what), "", STRIP_PAUSE_MS)


def show_held(teller) -> None:  # type: ignore[no-untyped-def]
    """What the card holds, and what was put on it; nothing was to be paid."""
    from kiosk.screens_told import held

    collected_fen = teller.collected_fen
    nothing = teller.settings.config["mode"] == "collect" and not collected_fen
    language, greeting = teller.settings.language, _greeting(teller)
    teller.front.show(held(language, teller.shown_fen, collected_fen, nothing, *greeting), "looked")


def _greeting(teller) -> tuple:  # type: ignore[no-untyped-def]
    """(points or None, tier by number, birthday) if the host has said so for what is shown now."""
    number, said = teller.link.charges.greeting
    if number != teller.sale_number:
        return None, 0, 0
    return said.get("points"), said.get("tier", 0), said.get("birthday", 0)


def show_entered(teller) -> None:  # type: ignore[no-untyped-def]
    """The door is open, and what the host says of the pass."""
    from kiosk.screens_told import entered

    offset_min = teller.settings.config["utc_offset_min"]
    teller.front.show(entered(teller.settings.language, teller.entry, offset_min), "paid")


def show_paid(teller) -> None:  # type: ignore[no-untyped-def]
    """Amount taken and balance after; in other words when it was taken at an earlier tap."""
    amount_fen, balance_fen = teller.sale["amount_fen"], teller.sale["value_fen"]
    language, collected_fen = teller.settings.language, teller.collected_fen
    before_fen = None if teller.already else balance_fen + amount_fen
    state = (teller.already, collected_fen) + _greeting(teller)
    teller.front.show(screens.paid(language, amount_fen, before_fen, balance_fen, *state), "paid")


def show_refused(teller) -> None:  # type: ignore[no-untyped-def]
    """Nothing taken, and why."""
    head = "no_entry" if teller.settings.config["mode"] == "pass" else "not_charged"
    said = teller.reason, teller.shown_fen, teller.collected_fen
    teller.front.show(screens.notice(teller.settings.language, head, *said), "refused")


def show_rejected(teller) -> None:  # type: ignore[no-untyped-def]
    """The host does not believe this card; whether it lost money is not ours to say."""
    teller.front.show(screens.notice(teller.settings.language, "rejected", "forged"), "refused")


def show_unknown(teller) -> None:  # type: ignore[no-untyped-def]
    """Nobody knows yet."""
    teller.front.show(screens.notice(teller.settings.language, "unknown", teller.reason), "unknown")


def show_out(teller) -> None:  # type: ignore[no-untyped-def]
    """No sale possible now."""
    if teller.reason == "closed":
        from kiosk.screens_told import closed

        return teller.front.show(closed(teller.settings.language, teller.settings.config["hours"]))
    items = screens.notice(teller.settings.language, "out", teller.reason)
    if teller.reason == "setup" and teller.link.line.trouble:  # for who sets it up
        items += (("act", teller.link.line.trouble, screens.WARN),)
    teller.front.show(items)
