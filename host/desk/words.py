"""Every act at a desk: its right, its fields, and whether it needs the card on a reader.

One table for the API, the command line and the handlers; docs/desk.md shows it, and a test compares them.
"""

from typing import Any, NamedTuple

from host import fields
from host.errors import Refused
from protocol.card.layout import VALUE_FEN_MAX

SUM_FEN_MAX = 10**10  # of a drawer
REASON_MAX = 200
NUMBER_MAX = 2**62


class Act(NamedTuple):
    """One act. needs, may: names of FIELDS; at_card: it waits for a card and talks to it."""

    right: str
    needs: tuple[str, ...]
    may: tuple[str, ...]
    at_card: bool
    what: str


FIELDS = {
    "uid": "the card, by the hex of its UID or its number",
    "kind": "purse, account or plain; a purse card without it",
    "new_uid": "the card that takes over, the same way",
    "reader": "the card on this reader: tty:/dev/PATH, usb or pcsc:NAME-PART",
    "amount_fen": "how much, in fen",
    "tier": "of the holder, as the screen greets him; empty for none",
    "birthday": "of the holder, as 05-17; empty for none",
    "pass": "the number of a pass, as the card's page names it",
    "visits": "how often one may enter; without it as often as wanted",
    "minutes": "how long one may be inside, all stays together; of a stay that is closed: how long it was",
    "stay_min": "a stay counts so many minutes at most, whenever one goes; 720 without it",
    "until": "the last day, as 2026-12-31",
    "opens": "from when one may enter, as 16:00; at any time without it",
    "closes": "until when, as 19:00",
    "again_min": "who enters again within so many minutes pays no second visit; 2 without it",
    "counted_fen": "what was counted, in fen",
    "shift": "the number of a shift; without it one's own",
    "from_shift": "the shift whose drawer was handed over",
    "place": "safe or bank",
    "way": "in or out of the drawer",
    "hand_over": "leave the money in the drawer for the next operator",
    "accept_exposure": "although the kiosks named may still take the old card",
    "reason": "why",
    "approval": "the number of what waits for a second person",
    "yes": "yes or no",
    "suspect": "the number of a report that was kept apart",
    "sale": "the number of a sale that a kiosk left open, as K1 1.7",
    "last_sale": "the number of the sale's transaction, as the card's page names it",
}
FLAGS = ("hand_over", "accept_exposure", "yes")
NUMBERS = {
    "amount_fen": (1, SUM_FEN_MAX),
    "counted_fen": (0, SUM_FEN_MAX),
    "shift": (1, NUMBER_MAX),
    "from_shift": (1, NUMBER_MAX),
    "approval": (1, NUMBER_MAX),
    "suspect": (1, NUMBER_MAX),
    "last_sale": (1, NUMBER_MAX),
    "pass": (1, NUMBER_MAX),
    "visits": (1, 1000),
    "minutes": (1, 60_000),
    "stay_min": (10, 1440),
    "again_min": (0, 240),
}
CHOICES = {"place": ("safe", "bank"), "way": ("in", "out"), "kind": ("purse", "account", "plain")}

ACTS = {
    "open-drawer": Act("drawer", ("counted_fen",), ("from_shift",), False, "begin a shift, float counted"),
    "count-drawer": Act("drawer", ("counted_fen",), (), False, "count in between"),
    "close-drawer": Act("drawer", ("counted_fen",), ("hand_over",), False, "end the shift with a count"),
    "move-cash": Act(
        *("drawer", ("amount_fen", "place", "way", "reason"), ("shift",), False),
        "cash between a drawer and safe or bank",
    ),
    "issue": Act(
        "issue", ("reader",), ("kind", "amount_fen"), True, "make the card on the reader a customer's"
    ),
    "top-up": Act(
        *("load", ("amount_fen",), ("uid", "reader"), True),
        "take cash: for the card on the reader, or for a card's next tap",
    ),
    "collect": Act("load", ("reader",), (), True, "put on the card what waits for it"),
    "cancel-top-up": Act("load", ("uid", "reason"), (), False, "give back what waits for a card"),
    "look": Act("look", ("reader",), (), True, "whose card lies there"),
    "note": Act("issue", ("uid",), ("tier", "birthday"), False, "how the card's holder is greeted"),
    "pass": Act(
        "load",
        ("uid", "reason"),
        ("amount_fen", "visits", "minutes", "until", "opens", "closes", "again_min", "stay_min"),
        False,
        "take cash for a pass: the card's holder may enter, so often, so long or until a day",
    ),
    "close-stay": Act(
        *("load", ("uid", "reason"), ("minutes",), False), "say of who is inside by a pass that he has gone"
    ),
    "cancel-pass": Act(
        *("load", ("uid", "pass", "reason"), (), False), "take a pass back, and pay what is unused of it"
    ),
    "lost": Act("lost", ("uid", "reason"), (), False, "report a card lost: no kiosk takes it any more"),
    "replace": Act(
        *("replace", ("uid", "reason"), ("new_uid", "reader", "accept_exposure"), True),
        "another card takes over what a lost or damaged one held",
    ),
    "refund": Act(
        *("refund", ("reason",), ("uid", "reader", "accept_exposure"), True),
        "pay the principal back and end the card",
    ),
    "refund-sale": Act(
        *("refund", ("reader", "last_sale"), ("amount_fen",), True),
        "give the last sale of the card on the reader back to it, or a part",
    ),
    "void": Act("void", ("uid", "reason"), (), False, "end a card"),
    "hot": Act("hot", ("uid", "reason"), (), False, "put a card on the hotlist"),
    "unlist": Act("unlist", ("uid", "reason"), (), False, "take a card off the hotlist"),
    "settle-suspect": Act(
        "settle", ("suspect", "yes", "reason"), (), False, "book a report that was kept apart, or close it"
    ),
    "settle-sale": Act(
        *("settle", ("sale", "yes", "reason"), (), False),
        "say of a sale that a kiosk left open that it was paid, or not",
    ),
    "approve": Act("approve", ("approval", "yes"), ("reason",), False, "answer another operator's act"),
}


def read(name: str, content: dict[str, Any]) -> dict[str, Any]:
    """What was asked of an act, each field in its limits; Refused."""
    act = ACTS[name]
    fields.known(content, (*act.needs, *act.may))
    made: dict[str, Any] = {}
    for field in (*act.needs, *act.may):
        if field in content:
            made[field] = _read(act, field, content)
        elif field in act.needs:
            raise Refused(400, "field", f"{field} is missing: {FIELDS[field]}.")
    return made


def _read(act: Act, field: str, content: dict[str, Any]) -> Any:
    if field in FLAGS:
        if type(content[field]) is not bool:
            raise Refused(400, "field", f"{field} must be true or false.")
        return content[field]
    if field in NUMBERS:
        low, high = NUMBERS[field]
        if field == "amount_fen" and act.at_card:
            high = VALUE_FEN_MAX
        return fields.integer(content, field, low, high)
    if field in CHOICES:
        if content[field] not in CHOICES[field]:
            raise Refused(400, "field", f"{field} must be {' or '.join(CHOICES[field])}.")
        return content[field]
    may_be_empty = field in ("tier", "birthday")
    return fields.text(content, field, 0 if may_be_empty else 1, REASON_MAX if field == "reason" else 255)
