"""Entry passes at the desk: sold, and taken back as far as they are unused."""

import re
import time
from typing import Any

from host import clock, operators
from host.cards import pass_sales, passes, stays
from host.cards.passes import DAY_MIN, MINUTES, VISITS, Pass, Terms
from host.cards.registry import Card
from host.db.connection import Connection
from host.desk import approvals, drawer, looking
from host.desk.acts import Act, Counter
from host.errors import Refused
from host.ledger.books import book

AGAIN_MIN = 2  # a door that was missed is no second visit; whoever fetches something from the car pays one
STAY_MIN = 720  # whoever never taps on his way out pays for half a day
DAYS_MAX = 366 * 10
ALONE = {VISITS: 100, MINUTES: 6_000}  # of one pass, or a second person says yes, whatever it costs
DAYS_ALONE = 366  # the same of a period
DAY_S = 86_400
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


def grant(counter: Counter, act: Act) -> dict[str, Any]:
    """An entry pass. amount_fen: what it costs, taken in cash; without it that is paid elsewhere."""
    asked = act.asked
    terms = _terms(asked, clock.now_s())
    with counter.database.read() as connection:
        card = looking.named(connection, asked["uid"])
        _must_be_active(card)
        if terms.price_fen:
            drawer.till(connection, act.operator)
    if _is_much(terms, clock.now_s()) or terms.price_fen > act.operator.load_limit_fen:
        what = f"{terms.amount} {terms.unit}" if terms.amount else "as often as wanted"
        subject = f"{card.uid_hex}: {what}, {asked.get('until', 'no end')}"
        approvals.must(counter.database, act, "pass", subject, terms.price_fen, act.reason)
    with book(counter.database) as books:
        card = looking.named(books.connection, asked["uid"])
        _must_be_active(card)
        if passes.grant(books, card, terms, act.who, act.reference, act.reason) is not None:
            if terms.price_fen:
                cash_of = drawer.till(books.connection, act.operator)
                pass_sales.sell(books, terms.price_fen, cash_of, act.who, act.reference)
            found = passes.locked(books, card.uid, card.issue)
            stays.settle(books, found, act.reference, act.who)  # what was used and not there
        books.flush()
        return looking.card(books.connection, card)


def cancel(counter: Counter, act: Act) -> dict[str, Any]:
    """A pass is taken back, and what is unused of its price paid: looking.card() and paid_fen.

    Whoever did not grant it himself needs the right `void`.
    """
    with counter.database.read() as connection:
        card, one = _named(connection, act.asked)
        paid_fen = pass_sales.paid_fen(connection, act.id)
        if paid_fen is not None:  # killed before it answered
            return looking.card(connection, card) | {"paid_fen": paid_fen}
        if one.is_over(clock.now_s()):
            raise Refused(409, "pass-over", f"Pass {one.id} is over: there is nothing to take back.")
        stay = stays.newest(connection, [one])
        if stay is not None and stay.goes_on:
            raise Refused(
                409, "inside", f"Somebody is inside by pass {one.id}: let him out or close his stay."
            )
        unused = pass_sales.unused(connection, one, clock.now_s())
        drawer.till(connection, act.operator, unused.fen)
    if one.who != act.who:
        operators.must(act.operator, "void")
    subject = f"{card.uid_hex}: pass {one.id}"
    approvals.above(counter.database, act, "refund", act.operator.refund_limit_fen, subject, unused.fen)
    with book(counter.database) as books:
        if pass_sales.unused(books.connection, one, books.booked_s) != unused:
            raise Refused(409, "changed", f"Pass {one.id} was used meanwhile: ask again.")
        cash_of = drawer.till(books.connection, act.operator, unused.fen)
        pass_sales.take_back(books, one, unused, cash_of, act.who, act.id, act.reason)
        return looking.card(books.connection, card) | {"paid_fen": unused.fen}


def _named(connection: Connection, asked: dict[str, Any]) -> tuple[Card, Pass]:
    """A card and one of its passes; Refused."""
    card = looking.named(connection, asked["uid"])
    for one in passes.of_card(connection, card.uid, card.issue):
        if one.id == asked["pass"]:
            return card, one
    raise Refused(404, "unknown-pass", f"Card {card.uid_hex} has no pass {asked['pass']}.")


def _terms(asked: dict[str, Any], now_s: int) -> Terms:
    """What was asked for; Refused."""
    amounts = [(asked[unit], unit) for unit in ALONE if unit in asked]
    if len(amounts) > 1:
        raise Refused(400, "field", "minutes and visits are of two passes: sell one after the other.")
    if not amounts and "until" not in asked:
        raise Refused(400, "field", "Say how many visits or minutes, or until which day.")
    amount, unit = amounts[0] if amounts else (0, VISITS)
    foreign = "again_min" if unit == MINUTES else "stay_min"
    if foreign in asked:
        raise Refused(400, "field", f"{foreign} says nothing of a pass of {unit}: leave it out.")
    if ("opens" in asked) != ("closes" in asked):
        raise Refused(400, "field", "opens and closes go together.")
    until_s = None if "until" not in asked else _end_of(asked["until"], now_s)
    hours = _minutes(asked.get("opens", "00:00")), _minutes(asked.get("closes", "00:00"))
    again_min, stay_min = asked.get("again_min", AGAIN_MIN), asked.get("stay_min", STAY_MIN)
    again_min, stay_min = (0, stay_min) if unit == MINUTES else (again_min, 0)
    return Terms(amount, unit, until_s, *hours, again_min, stay_min, asked.get("amount_fen", 0))


def _is_much(terms: Terms, now_s: int) -> bool:
    if terms.amount:
        return terms.amount > ALONE[terms.unit]
    return (terms.until_s or 0) > now_s + DAYS_ALONE * DAY_S


def _must_be_active(card: Card) -> None:
    if card.state != "active":
        raise Refused(409, "card-state", f"Card {card.uid_hex} is {card.state}: it gets no pass.")


def _end_of(day: str, now_s: int) -> int:
    """When this day is over in the shop's time zone (host.zone)."""
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
