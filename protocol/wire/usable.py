"""Could a kiosk work by this configuration? The host asks before it keeps one, the kiosk before it obeys.

What the message table cannot say: an authentic configuration that would leave a kiosk without anything to
sell. Rarely needed, so a module of its own.
"""

MODES = ("fixed", "keypad", "list", "pass", "balance", "collect", "till")
DEBITING = ("fixed", "keypad", "list", "till")  # cards are debited; the others work without a debit key
REASON_MAX = 64  # bytes of what fault() says


def fault(values) -> str:  # type: ignore[no-untyped-def]
    """What is wrong with these fields, by name, in a few words; "" when nothing is."""
    mode = values.get("mode", MODES[0])
    if mode not in MODES:
        return "mode %s is not known" % mode
    if mode == "list" and not values.get("prices"):
        return "mode list has no prices"
    if not _are_fonts(values.get("glyphs")):
        return "glyphs are no font"
    return ""


def _are_fonts(data: "bytes | None") -> bool:
    """Do TLF1 files stand here one after the other, whole? True for none."""
    while data:
        end = font_end(data)
        if not end:
            return False
        data = data[end:]
    return True


def font_end(data: "bytes | memoryview") -> int:
    """Where the TLF1 file at the head of these bytes ends, every glyph of it inside; 0 when it is none."""
    if len(data) < 7 or bytes(data[:4]) != b"TLF1":
        return 0
    height, count = data[4], data[5] | data[6] << 8
    start, before = 7 + 8 * count, -1
    if not height or not count or start > len(data):
        return 0
    end = start
    for at in range(7, start, 8):
        code = data[at] | data[at + 1] << 8 | data[at + 2] << 16
        offset = data[at + 4] | data[at + 5] << 8 | data[at + 6] << 16 | data[at + 7] << 24
        last = offset + (data[at + 3] + 7) // 8 * height
        if code <= before or offset < start or last > len(data):
            return 0
        before, end = code, max(end, last)
    return end
