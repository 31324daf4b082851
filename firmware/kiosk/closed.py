"""Why no sale is possible at all."""


def between(teller) -> str:  # type: ignore[no-untyped-def]
    """The same while nobody is served: a newer configuration comes into force first."""
    if teller.settings.switch():
        teller.link.wake(True)
    return why(teller)


def why(teller) -> str:  # type: ignore[no-untyped-def]
    """A key of the texts, '' when it is possible. Asked all the time."""
    config, journal = teller.settings.config, teller.journal
    if teller.front.fault:
        return "display"
    if not config:
        return "setup"
    if journal.foreign:
        return "other"
    if config["mode"] in ("keypad", "list") and teller.front.keypad is None:
        return "no_keys"
    if config["hours"] and not _shop_is_open(teller, config):
        return "closed"
    if journal.full():
        return "worn" if journal.worn else "full"
    return ""


def _shop_is_open(teller, config: dict) -> bool:  # type: ignore[no-untyped-def]
    """Looked up once a minute, and for a new configuration: both numbers only rise. A clock that the host has
    not set since the start closes no shop."""
    now_s = teller.clock() if teller.link.age.told else 0
    looked = now_s // 60 + config["version"]
    if looked != teller.looked:
        from kiosk.hours import sells

        teller.looked, teller.open = looked, sells(config, now_s)
    return bool(teller.open)
