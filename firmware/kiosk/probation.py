"""A configuration on trial: kept beside the proven one until the host was heard by it, else given up.

    /config.msg   the proven one, the host's message as it came
    /config.try   starts so far u8, the newer message; or REJECTED, version u32 LE, why

When the firmware fell STARTS times without that, the newer one is given up: the old one serves again, and
the host is told. A start after a power cut says nothing of it and is not counted: a shop whose power fails
three times on a kiosk's first evening would be closed. Each file is replaced whole, one at a time.
"""

from protocol.wire import seal, usable

PROVEN, TRIED = "/config.msg", "/config.try"
STARTS = 3
REJECTED = 255


def begin(settings, flash, opened, fell: bool) -> dict | None:  # type: ignore[no-untyped-def]
    """The fields of the configuration to start with; opened(message) gives a message's, or None. fell: was it
    the firmware, or the watchdog, that made this start?"""
    proven, tried = flash.read_file(PROVEN), flash.read_file(TRIED)
    values = None if proven is None else opened(proven)
    if not tried:
        return values
    if tried[0] == REJECTED:
        settings.rejected = {"version": int.from_bytes(tried[1:5], "little"), "reason": tried[5:].decode()}
        return values
    newer = opened(tried[1:])
    if newer is None or (values is not None and newer["version"] <= values["version"]):
        flash.remove_file(TRIED)
        return values
    if fell and tried[0] >= STARTS and values is None:  # nothing to go back to: the host tells it again
        flash.remove_file(TRIED)
        return None
    if fell and tried[0] >= STARTS:
        settings.rejected = {"version": newer["version"], "reason": "restarts"}
        flash.write_file(TRIED, bytes([REJECTED]) + newer["version"].to_bytes(4, "little") + b"restarts")
        return values
    if fell:
        try:
            flash.write_file(TRIED, bytes([tried[0] + 1]) + tried[1:])
        except OSError:  # starts that can't be counted would never end
            return values
    settings.trying = True
    return newer


def take(settings, flash, values: dict, message: bytes) -> bool:  # type: ignore[no-untyped-def]
    """A newer one than is in force: durable, and to be switched to; or rejected with a reason, which is to be
    said: then True. OSError."""
    version = values["version"]
    for known in (settings.next, settings.rejected):
        if known is not None and version <= known["version"]:
            return False
    why = usable.fault(values)
    if not why:
        try:
            held = seal.open_role_keys(settings.seal_key, values["role_keys"])
            if values.get("mode", "fixed") in usable.DEBITING and not held["debit"]:
                why = "no debit key"
        except ValueError:
            why = "role keys of another kiosk"
    if why:  # in memory alone: after a restart it would come, and be rejected, again
        settings.rejected = {"version": version, "reason": why}
        return True
    flash.write_file(TRIED, bytes(1) + message)
    settings.next, settings.rejected = values, None
    return False


def prove(flash) -> bool:  # type: ignore[no-untyped-def]
    """What is on trial is proven: True. OSError."""
    tried = flash.read_file(TRIED)
    if tried and tried[0] != REJECTED:
        flash.write_file(PROVEN, tried[1:])
        flash.remove_file(TRIED)
    return True
