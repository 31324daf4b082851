"""What a card's holder may do, and how he is greeted, beside the card's money."""

import re
import time
from typing import Any

from host import clock
from host.cards import notes, passes
from host.cards.passes import DAY_MIN, Terms
from host.cards.registry import Card
from host.desk import approvals, looking
from host.desk.acts import Act, Counter
from host.errors import Refused
from host.ledger.books import book

AGAIN_MIN = 2  # a door that was missed is no second visit; whoever fetches something from the car pays one
DAYS_MAX = 366 * 10
VISITS_ALONE, DAYS_ALONE = 100, 366  # of one pass, or a second person says yes: no drawer tells what it cost
DAY_S = 86_400
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


def note(counter: Counter, act: Act) -> dict[str, Any]:
    """What is not named stays as it was noted."""
    with counter.database.write() as connection:
        card = looking.named(connection, act.asked["uid"])
        notes.write(connection, card, act.asked.get("tier"), act.asked.get("birthday"), act.who)
        return looking.card(connection, card)


def grant(counter: Counter, act: Act) -> dict[str, Any]:
    """An entry pass. What it costs is paid elsewhere: at a till, or out of the card."""
    asked = act.asked
    if "visits" not in asked and "until" not in asked:
        raise Refused(400, "field", "Say how many visits, or until which day.")
    if ("opens" in asked) != ("closes" in asked):
        raise Refused(400, "field", "opens and closes go together.")
    now_s = clock.now_s()
    until_s = None if "until" not in asked else _end_of(asked["until"], now_s)
    hours = _minutes(asked.get("opens", "00:00")), _minutes(asked.get("closes", "00:00"))
    terms = Terms(asked.get("visits", 0), until_s, *hours, asked.get("again_min", AGAIN_MIN))
    with counter.database.read() as connection:
        card = looking.named(connection, asked["uid"])
    _must_be_active(card)
    if terms.visits > VISITS_ALONE or (not terms.visits and (until_s or 0) > now_s + DAYS_ALONE * DAY_S):
        what = f"{terms.visits} visits" if terms.visits else "as often as wanted"
        subject = f"{card.uid_hex}: {what}, {asked.get('until', 'no end')}"
        approvals.must(counter.database, act, "pass", subject, 0, act.reason)
    with book(counter.database) as books:
        card = looking.named(books.connection, asked["uid"])
        _must_be_active(card)
        passes.grant(books, card, terms, act.who, act.reference, act.reason)
        books.flush()
        return looking.card(books.connection, card)


def _must_be_active(card: Card) -> None:
    if card.state != "active":
        raise Refused(409, "card-state", f"Card {card.uid_hex} is {card.state}: it gets no pass.")


def _end_of(day: str, now_s: int) -> int:
    """When this day is over by the clock on this host's wall."""
    try:
        parts = time.strptime(day, "%Y-%m-%d")
        end_s = int(time.mktime((parts.tm_year, parts.tm_mon, parts.tm_mday + 1, 0, 0, 0, 0, 0, -1)))
    except (ValueError, OverflowError):
        raise Refused(400, "field", "until must be a day, as 2026-12-31.") from None
    if not now_s < end_s <= now_s + DAYS_MAX * DAY_S:
        raise Refused(400, "field", "until must be a day from today on, ten years ahead at most.")
    return end_s


def _minutes(text: str) -> int:
    found = _TIME.fullmatch(text)
    if not found:
        raise Refused(400, "field", "opens and closes must be times of the day, as 16:00.")
    return (int(found[1]) * 60 + int(found[2])) % DAY_MIN
