"""What went wrong, kept in flash until the host holds it: why the kiosk started again, what it does without.

    file = CBOR of [body of a fault message, ...]

One a source, the oldest that was not told; of a restart the newest. Of that the count is kept when it was
told: how many there were in a row, each within STEADY_S of its start.
"""

import os

from protocol.wire import cbor, faults, messages

PATH = "/faults.cbor"
SOURCES_MAX = 4
STEADY_S = 3600
DOUBLED_MAX = 6
TOLD, NOBODY = bytes(8), bytes(8)


def load(flash) -> list:  # type: ignore[no-untyped-def]
    """What is kept, as fields of the message; [] when there is nothing, or the file is damaged."""
    try:
        stored = flash.read_file(PATH)
        if stored is None:
            return []
        kept = []
        for body in cbor.decode(stored):  # type: ignore[attr-defined]
            messages.check(faults.FAULT, messages.UP, body)
            del body[1]  # the nonce is of the session in which it is told
            kept.append(messages.fields(faults.FAULT, body))
        return kept
    except (TypeError, ValueError):
        return []


def untold(flash, unkept: list) -> list:  # type: ignore[no-untyped-def]
    """What the host has not noted; unkept: what flash did not take, from this life alone."""
    return [kept for kept in load(flash) + unkept if kept["fault"] != TOLD]


def _keep(flash, all_kept: list) -> bool:  # type: ignore[no-untyped-def]
    try:
        bodies = [messages.body(faults.FAULT, nonce=NOBODY, **kept) for kept in all_kept[-SOURCES_MAX:]]
        flash.write_file(PATH, cbor.encode(bodies))
        return True
    except OSError as error:  # a full or worn flash is no reason to fall over the report of it
        print("faults: cannot be kept: %s" % error)
        return False


def note(  # type: ignore[no-untyped-def]
    flash, unkept: list, source: str, cause: str, uptime_s: int, happened_s: int, firmware: str
) -> int:
    """Keep it, in `unkept` if flash does not take it -> of a restart the count in a row."""
    all_kept, count = load(flash), 1
    for kept in all_kept + unkept:
        if kept["source"] == source:
            if source != faults.RESTART:
                return 1  # known, and the host was not heard since
            if uptime_s < STEADY_S:
                count = kept["count"] + 1
    cause = "".join([c if " " <= c < "\x7f" else "?" for c in cause[: faults.CAUSE_MAX]])
    new = {"fault": os.urandom(8), "source": source, "cause": cause or "?", "count": count}
    new.update({"uptime_s": uptime_s, "happened_s": happened_s, "firmware": firmware})
    if not _keep(flash, [kept for kept in all_kept if kept["source"] != source] + [new]):
        unkept[:] = [new]
    return count


def told(flash, unkept: list, fault: bytes) -> None:  # type: ignore[no-untyped-def]
    """The host holds it."""
    unkept[:] = [kept for kept in unkept if kept["fault"] != fault]
    left, found = [], False
    for kept in load(flash):
        if kept["fault"] == fault:
            found = True
            if kept["source"] != faults.RESTART:
                continue
            kept["fault"] = TOLD
        left.append(kept)
    if found:
        _keep(flash, left)


def pause_s(count: int) -> int:
    """How long to wait before the count-th restart in a row: 1, 2, 4 .. 64, so that a loop neither wears out
    the flash nor floods the host."""
    return 1 << min(count - 1, DOUBLED_MAX)
