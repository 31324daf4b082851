"""Every screen in every state a customer can see, with the largest, the smallest and the strangest figures.

Runs under both Pythons. of(language) yields (name, items); what a screen shows at its next turns is drawn
too.
"""

from kiosk import screens, screens_keys, screens_told

MOST_FEN = 500_000  # the largest amount of the message table
REASONS = [
    "low",
    "foreign",
    "hot",
    "early",
    "unreadable",
    "forged",
    "undecided",
    "unpaid",
    "needs_host",
    "silent",
    "daily",
    "pin_needed",
    "pin_wrong",
    "blocked",
    "busy",
    "desk",
    "two",
    "standby",
    "limit",
    "stale",
    "old",
    "unlisted",
    "card_limit",
    "full",
]
CLOSED = ["setup", "full", "worn", "other", "reader", "display", "update", "crash"]


def of(language: str):  # type: ignore[no-untyped-def]
    """(name, items) of each screen."""
    yield "idle", screens.idle(language, 2500, True)
    yield "idle-offline", screens.idle(language, MOST_FEN, False)
    yield "idle-title", screens.idle(language, 1, True, title="VIP")
    yield "idle-long-title", screens.idle(language, 2500, False, title="The longest shop's name there is")
    yield "idle-resting", screens.idle(language, 2500, True, True)
    yield "idle-standby", screens.idle(language, 0, True, title="VIP")
    yield "idle-standby-resting", screens.idle(language, 0, False, True)
    yield "reading", screens.reading(language, 2500)
    yield "reading-most", screens.reading(language, MOST_FEN)
    yield "collecting", screens.reading(language, 2500, "collecting")
    yield "paid", screens.paid(language, 2500, 10000, 7500, False)
    yield "paid-most", screens.paid(language, MOST_FEN, MOST_FEN, 0, False)
    yield "paid-least", screens.paid(language, 1, MOST_FEN, MOST_FEN - 1, False)
    yield "paid-already", screens.paid(language, 2500, None, 7500, True)
    yield "paid-below-zero", screens.paid(language, 2500, -1205, -3705, False)
    yield "paid-collected", screens.paid(language, 2500, MOST_FEN, 497500, False, MOST_FEN)
    yield "paid-points", screens.paid(language, 2500, 10000, 7500, False, points=12345)
    yield "paid-tier", screens.paid(language, 2500, 10000, 7500, False, points=0, tier=3)
    yield "paid-birthday", screens.paid(language, 2500, 10000, 7500, False, 0, 99999999, 7, True)
    yield "paid-everything", screens.paid(language, MOST_FEN, MOST_FEN, 0, False, MOST_FEN, 8, 7, True)
    yield "paid-huge-balance", screens.paid(language, 2500, 2**40, 2**40 - 2500, False)
    for reason in REASONS:
        yield "refused-" + reason, screens.notice(language, "not_charged", reason)
    yield "refused-low-balance", screens.notice(language, "not_charged", "low", 1200)
    yield "refused-low-below-zero", screens.notice(language, "not_charged", "low", -MOST_FEN)
    yield "refused-collected", screens.notice(language, "not_charged", "unreadable", MOST_FEN, MOST_FEN)
    yield "pair", screens.pair("E282F2 6WWSPM DS5YBG")
    yield "rejected", screens.notice(language, "rejected", "forged")
    yield "unknown", screens.notice(language, "unknown", "again")
    yield "unknown-undecided", screens.notice(language, "unknown", "undecided")
    for reason in CLOSED:
        yield "out-" + reason, screens.notice(language, "out", reason)
    yield from _modes(language)


PRICES = [
    ("Manicure", 8800),
    ("VIP", 1),
    ("Massage 90m", MOST_FEN),
    ("Tea", 500),
    ("Cut", 3000),
    ("Wash", 1500),
]


def _modes(language: str):  # type: ignore[no-untyped-def]
    """What a kiosk shows in its other modes."""
    yield "station-look", screens.station(language, "look", True)
    yield "station-fetch", screens.station(language, "fetch", False, title="VIP")
    yield "station-enter", screens.station(language, "enter", False, title="VIP")
    yield "station-resting", screens.station(language, "look", True, True)
    yield "reading-no-price", screens.reading(language, 0)
    yield "held", screens_told.held(language, 7500)
    yield "held-below-zero", screens_told.held(language, -MOST_FEN)
    yield "held-collected", screens_told.held(language, 17500, 10000)
    yield "held-collected-most", screens_told.held(language, MOST_FEN, MOST_FEN)
    yield "held-nothing", screens_told.held(language, 0, 0, True)
    yield "typing-nothing", screens_keys.typing(language, 0, True)
    yield "typing", screens_keys.typing(language, 1250, True, "VIP")
    yield "typing-most", screens_keys.typing(language, MOST_FEN, False)
    yield "typing-too-much", screens_keys.typing(language, 50000, True, "", "most", MOST_FEN)
    yield "typing-card-first", screens_keys.typing(language, 0, True, "", "amount_first")
    rows = [("123456789*0#"[at], PRICES[at % 6][0], PRICES[at % 6][1]) for at in range(12)]
    yield "menu-one", screens_keys.menu(language, rows[:1], True, "VIP")
    yield "menu-six", screens_keys.menu(language, rows[:6], True)
    yield "menu-twelve", screens_keys.menu(language, rows, False)
    yield "chosen", screens.idle(language, 8800, True, title="Manicure")
    yield "pin", screens_keys.pin(language, 0, 2500)
    yield "pin-typed", screens_keys.pin(language, 4, 2500)
    yield "pin-longest", screens_keys.pin(language, 8, MOST_FEN)
    yield "pin-wrong", screens_keys.pin(language, 0, 2500, True)
    yield "pin-look", screens_keys.pin(language, 0, 0)
    yield "out-no_keys", screens.notice(language, "out", "no_keys")
    for name, said in (
        ("", {"left": 11, "until_s": 1_830_297_600}),
        ("-last", {"left": 0}),
        ("-period", {"until_s": 1_830_297_600}),
        ("-untold", {}),
        ("-stay", {"left_min": 260}),
        ("-stay-most", {"left_min": 60_000, "until_s": 1_830_297_600}),
        ("-out", {"left_min": 260, "used_min": 75}),
        ("-out-most", {"left_min": 59_279, "used_min": 1440, "until_s": 1_830_297_600}),
        ("-out-least", {"left_min": 0, "used_min": 1}),
        ("-out-owed", {"left_min": -25, "used_min": 145}),
    ):
        yield "entered" + name, screens_told.entered(language, said, 480)
    for reason in ("no_pass", "expired", "used", "off_hours", "inside"):
        yield "no-entry-" + reason, screens.notice(language, "no_entry", reason)
    rows = [(1_800_000_000 - 86_399 * at, (-1) ** at * (2500 * at - 1)) for at in range(10)]
    yield "movements", screens_told.movements(language, rows, 480)
    yield "movements-most", screens_told.movements(language, [(1_800_000_000, -MOST_FEN), (1, MOST_FEN)])
    yield "movements-none", screens_told.movements(language, [])
    yield "closed", screens_told.closed(language, [[600, 1320]])
    yield "closed-most", screens_told.closed(language, [[60 * at, 60 * at + 30] for at in range(7)])
