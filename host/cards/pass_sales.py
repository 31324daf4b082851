"""Cash for passes: taken when one is granted, and what is unused paid back when it is taken back.

sell        cash -> sales       of the drawer that took it: a pass is earned when it is paid
take_back   sales -> cash       of the drawer that pays, as much as `unused` says; visits and minutes are gone
"""

from typing import Any, NamedTuple

from host import clock
from host.cards import passes, stays
from host.cards.passes import MINUTES, VISITS, Pass
from host.cards.registry import Card
from host.db.connection import Connection
from host.ledger import lots
from host.ledger.books import Books
from host.ledger.terms import LedgerError, Transfer, Why
from protocol.wire.online import REVERSAL

SOLD, TAKEN_BACK, PAID_BACK = "pass-sale", "pass-back", "pass-refund"
DAY_S = 86_400


class Unused(NamedTuple):
    """What is left of a pass, and how much of its price that is, rounded down."""

    amount: int  # of its unit, 0 of a period
    fen: int


def sell(books: Books, price_fen: int, cash_of: str, who: str, reference: str) -> None:
    """What a pass costs comes into this cash. AlreadyBooked."""
    cash, sales = books.open_(cash_of, "cash"), books.open_(cash_of, "sales")
    books.post(Why(SOLD, reference, who, books.booked_s), [Transfer(cash, sales, price_fen)])


def unused(connection: Connection, one: Pass, now_s: int) -> Unused:
    """Visits and minutes by their number, which doors that undo may make more than were sold; a period by its
    days, today among them while nobody has entered today."""
    if one.is_over(now_s):
        return Unused(0, 0)
    if one.amount:
        left = passes.left(connection, one)
        return Unused(left, one.price_fen * min(left, one.amount) // one.amount)
    assert one.until_s is not None  # the table has none without either
    days, of_days = -(-(one.until_s - now_s) // DAY_S), -(-(one.until_s - one.at_s) // DAY_S)
    if _has_entered(connection, one, one.until_s - days * DAY_S):  # it ends at midnight
        days -= 1
    return Unused(0, one.price_fen * days // of_days)


def take_back(books: Books, one: Pass, what: Unused, cash_of: str, who: str, act: int, reason: str) -> None:
    """The pass is over: what it holds is gone, what that cost is paid out of this cash.

    LedgerError when something else is unused by now, or it was taken back, or somebody is inside by it.
    """
    connection, reference = books.connection, f"act:{act}"
    (now,) = [held for held in passes.locked(books, one.uid, one.issue) if held.id == one.id]
    stay = stays.newest(connection, [one])
    if stay is not None and stay.goes_on:
        raise LedgerError("somebody is inside by this pass")
    if now.ended_s is not None or unused(connection, now, books.booked_s) != what:
        raise LedgerError("something else is left of the pass by now")
    if what.amount:
        why = Why(TAKEN_BACK, reference, who, books.booked_s)
        lots.spend(books, why, passes.account(books, one.id, one.unit), what.amount)
    if what.fen:
        cash, sales = books.open_(cash_of, "cash"), books.open_(cash_of, "sales")
        books.post(Why(PAID_BACK, reference, who, books.booked_s), [Transfer(sales, cash, what.fen)])
    books.flush()
    row = (one.id, act, *what, reason, who, books.booked_s)
    connection.insert("pass_ends", "pass_id, act, amount, paid_fen, reason, who, at_s", [row])


def paid_fen(connection: Connection, act: int) -> int | None:
    """What an act paid for the pass that it took back; None: it took none back."""
    row = connection.execute("SELECT paid_fen FROM pass_ends WHERE act = ?", (act,)).fetchone()
    return None if row is None else int(row["paid_fen"])


def to_json(connection: Connection, card: Card) -> list[dict[str, Any]]:
    """[{pass, visits, minutes, left, owed, inside_since, until, opens, closes, again_min, stay_min,
    price_fen, unused_fen, reason, who, at, ended_at}]; left: of visits or minutes, null of a period; owed:
    minutes."""
    return [
        {
            "pass": one.id,
            **{unit: one.amount or None if unit == one.unit else None for unit in (VISITS, MINUTES)},
            "left": passes.left(connection, one) if one.amount else None,
            "owed": stays.owed_min(connection, [one]),
            "inside_since": _inside_since(connection, one),
            "until": one.until_s,
            "opens": passes.clock_time(one.opens_min),
            "closes": passes.clock_time(one.closes_min),
            **{name: getattr(one, name) for name in ("again_min", "stay_min", "price_fen", "reason", "who")},
            "unused_fen": unused(connection, one, clock.now_s()).fen,
            "at": one.at_s,
            "ended_at": one.ended_s,
        }
        for one in passes.of_card(connection, card.uid, card.issue)
    ]


def _inside_since(connection: Connection, one: Pass) -> int | None:
    stay = stays.newest(connection, [one])
    return stay.at_s if stay is not None and stay.goes_on else None


def _has_entered(connection: Connection, one: Pass, since_s: int) -> bool:
    row = connection.execute(
        "SELECT 1 FROM entries e WHERE e.pass_id = ? AND e.at_s >= ? AND NOT EXISTS (SELECT 1"
        " FROM reports r WHERE r.kiosk = e.kiosk AND r.epoch = e.epoch AND r.counter = e.counter"
        f" AND r.kind = {REVERSAL}) LIMIT 1",
        (one.id, since_s),
    ).fetchone()
    return row is not None
