"""A card at a door: which of its passes opens, and whether it comes in or goes out.

By a pass of minutes whoever is inside goes out, where the door lets out. A card that comes to a door again at
once does what it did there a moment ago, nothing more; so it does while that door has not said that it
opened, for its holder still stands before it.
"""

from collections.abc import Callable
from typing import NamedTuple

from host.cards import passes, stays
from host.cards.passes import MINUTES, VISITS, Pass
from host.cards.registry import Card
from host.cards.stays import End, Stay
from host.db.connection import Connection
from host.ledger import lots
from host.ledger.books import Books
from host.ledger.chart import kiosk_owner
from host.ledger.terms import Why
from host.terminals.fleet import configs
from host.terminals.sales.payments import Request
from protocol.wire import online

ENTRY = "entry"
TWICE_S = 15  # a card that is held on again, or taps at the door beside: the same tap
DOOR_S = 600  # a door that has not said by then that it opened is offline, and opened

OF_TAP = "r.kiosk = e.kiosk AND r.epoch = e.epoch AND r.counter = e.counter"
STANDS = f"NOT EXISTS (SELECT 1 FROM reports r WHERE {OF_TAP} AND r.kind = {online.REVERSAL})"


class Entry(NamedTuple):
    """reason: '' when the door opens, else a word for its screen. left: visits or, of a stay, minutes (below
    zero: owed); None of a period. used_min: of who goes out."""

    reason: str
    left: int | None = None
    until_s: int | None = None
    stay: int | None = None
    used_min: int | None = None


Opened = tuple[Entry, Pass | None, int | None]  # by which pass, and the transaction that took a visit


def open_(books: Books, request: Request, card: Card) -> Opened:
    """Whoever is inside goes out. Else by the pass that costs nothing now, else by the one that ends first
    and has something left."""
    connection, now_s = books.connection, books.booked_s
    found = [one for one in passes.locked(books, card.uid, card.issue) if one.ended_s is None]
    config = configs.newest(connection, request.kiosk.number)[1]
    way = configs.BOTH if config is None else config.way
    inside = _by_stay(books, request, found, way)
    if inside is not None:
        return inside
    if way == configs.OUT and found:
        return Entry(""), found[0], None  # whoever came in without a stay, or before it was closed
    minute = configs.local_s(connection, request.kiosk.number, now_s) // 60 % passes.DAY_MIN
    valid = [one for one in found if not one.is_over(now_s)]
    now = [one for one in valid if one.is_open(minute)]
    for one in now:
        if not one.amount or (one.again_min and _was_here(connection, one, now_s)):
            return Entry("", passes.left(connection, one) if one.amount else None, one.until_s), one, None
    for one in now:
        opened = _TAKE[one.unit](books, request, one, found)
        if opened is not None:
            return opened
    return Entry("used" if now else "off_hours" if valid else "expired" if found else "no_pass"), None, None


def _by_stay(books: Books, request: Request, found: list[Pass], way: str) -> Opened | None:
    connection, now_s = books.connection, books.booked_s
    stay = stays.newest(connection, found)
    if stay is None:
        return None
    one = next(one for one in found if one.id == stay.pass_id)
    used_min = None
    if stay.goes_on:
        if stays.close_if_late(books, found, stay):
            return None
        if way == configs.OUT or not _is_again(connection, stay, stay.at_s, now_s):
            if way == configs.IN:  # somebody else with the card, or he went out elsewhere
                return Entry("inside"), None, None
            how = End(stays.OUT, now_s, kiosk_owner(request.kiosk.name), request.kiosk.name)
            used_min = stays.end(books, found, stay, how)
    elif stay.what == stays.OUT and way != configs.IN and _is_again(connection, stay, stay.told_s, now_s):
        used_min = stay.used_min
    else:
        return None
    books.flush()
    return Entry("", stays.left_min(connection, found, now_s), one.until_s, stay.id, used_min), one, None


def _is_again(connection: Connection, stay: Stay, moved_s: int, now_s: int) -> bool:
    """Is this tap the one by which the card came in, or went out, once more?"""
    ago_s = abs(now_s - moved_s)  # a clock that goes back keeps nobody inside
    if ago_s < TWICE_S or ago_s >= DOOR_S:
        return ago_s < TWICE_S
    way = "IS NULL" if stay.goes_on else "IS NOT NULL"
    row = connection.execute(
        f"SELECT 1 FROM stay_taps e JOIN reports r ON {OF_TAP} WHERE e.stay_id = ? AND e.used_min {way}"
        f" AND r.kind = {online.TAKEN} LIMIT 1",
        (stay.id,),
    ).fetchone()
    return row is None


def _was_here(connection: Connection, one: Pass, now_s: int) -> bool:
    """Did a visit of this pass begin a moment ago, and was it not undone?"""
    row = connection.execute(
        "SELECT 1 FROM entries e WHERE e.pass_id = ? AND e.transaction_id IS NOT NULL AND e.at_s > ?"
        f" AND {STANDS} LIMIT 1",
        (one.id, now_s - 60 * one.again_min),
    ).fetchone()
    return row is not None


def _visit(books: Books, request: Request, one: Pass, _found: list[Pass]) -> Opened | None:
    account = passes.account(books, one.id, VISITS)
    left = lots.spendable(books.connection, account, books.booked_s)
    if not left:
        return None
    who = kiosk_owner(request.kiosk.name)
    why = Why(ENTRY, request.name, who, books.booked_s, kiosk=request.kiosk.name)
    number = lots.spend(books, why, account, 1)
    return Entry("", left - 1, one.until_s), one, number


def _stay(books: Books, request: Request, one: Pass, found: list[Pass]) -> Opened | None:
    account = passes.account(books, one.id, MINUTES)
    connection, now_s = books.connection, books.booked_s
    if stays.owed_min(connection, found):  # by a card that this one replaced
        stays.settle(books, found, request.name, kiosk_owner(request.kiosk.name))
    if not lots.spendable(connection, account, now_s):
        return None
    number = stays.begin(books, one)
    return Entry("", stays.left_min(connection, found, now_s), one.until_s, number), one, None


_TAKE: dict[str, Callable[[Books, Request, Pass, list[Pass]], Opened | None]] = {
    VISITS: _visit,
    MINUTES: _stay,
}
