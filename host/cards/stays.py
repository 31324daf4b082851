"""Stays of a pass of minutes: a card came in, and what it used is booked when it is out.

in, back -> out (a door), desk (a clerk), limit (by itself: nobody said when)
in, back -> void                the door that let in did not open
out, limit -> back              the door that let out did not open; nobody had come in: void follows

Each is a row of stay_steps, and the newest counts. A stay counts each minute begun, one to `stay_min`.
What its pass does not hold is owed: the card's other passes pay it, and those it gets later, before anybody
enters by them. What a pass lost at its end is not owed.
"""

from typing import NamedTuple

from host.cards import passes
from host.cards.passes import MINUTES, Pass
from host.db.connection import Connection
from host.ledger import accounts, lots
from host.ledger.books import Books
from host.ledger.chart import HOUSE, PASS
from host.ledger.terms import Transfer, Why

STAY, STAY_BACK, OWED, OWED_BACK, OWED_PAID = "stay", "stay-back", "stay-owed", "owed-back", "owed-paid"
IN, OUT, DESK, LIMIT, BACK, VOID = "in", "out", "desk", "limit", "back", "void"
LATE_S = 3600  # so long after a stay counts no more, a card that comes to a door still goes out by it


class Stay(NamedTuple):
    """what: its newest step, "in" before there is one. used_min, owed_min: of that step. told_s: when."""

    id: int
    pass_id: int
    at_s: int
    what: str
    used_min: int
    owed_min: int
    told_s: int

    @property
    def goes_on(self) -> bool:
        """Is somebody inside?"""
        return self.what in (IN, BACK)

    def counts_min(self, until_s: int, stay_min: int) -> int:
        """What it counts if it ends then; a clock that went back makes it no less than a minute."""
        return min(stay_min, max(1, -(-(until_s - self.at_s) // 60)))

    def is_late(self, stay_min: int, now_s: int) -> bool:
        """Must its holder have gone without a tap?"""
        return self.goes_on and now_s >= self.at_s + 60 * stay_min + LATE_S


class End(NamedTuple):
    """How a stay ends; most_min: a clerk lets it count no more."""

    what: str
    at_s: int
    who: str
    kiosk: str | None = None
    act: int | None = None
    reason: str = ""
    most_min: int | None = None


_SELECT = (
    f"SELECT s.id, s.pass_id, s.at_s, coalesce(t.what, '{IN}'), coalesce(t.used_min, 0),"
    " coalesce(t.owed_min, 0), coalesce(t.at_s, s.at_s) FROM stays s LEFT JOIN stay_steps t"
    " ON t.id = (SELECT max(u.id) FROM stay_steps u WHERE u.stay_id = s.id)"
)


def find(connection: Connection, number: int) -> Stay:
    """The stay of this number, which must be there."""
    return Stay(*connection.execute(f"{_SELECT} WHERE s.id = ?", (number,)).fetchone())


def newest(connection: Connection, found: list[Pass]) -> Stay | None:
    """The last stay that is not void, one that goes on before all: of two cards one may have become."""
    row = connection.execute(
        f"{_SELECT} WHERE s.pass_id IN {connection.INTS} AND coalesce(t.what, '{IN}') <> '{VOID}'"
        f" ORDER BY coalesce(t.what, '{IN}') IN ('{IN}', '{BACK}') DESC, s.id DESC LIMIT 1",
        (connection.ints(one.id for one in found),),
    ).fetchone()
    return None if row is None else Stay(*row)


def inside(connection: Connection) -> list[Stay]:
    """Stays that go on, the longest first."""
    rows = connection.execute(
        f"{_SELECT} WHERE coalesce(t.what, '{IN}') IN ('{IN}', '{BACK}') ORDER BY s.at_s, s.id"
    )
    return [Stay(*row) for row in rows.fetchall()]


def begin(books: Books, one: Pass) -> int:
    """Somebody comes in; the passes of the card are locked."""
    sql = "INSERT INTO stays (pass_id, at_s) VALUES (?, ?) RETURNING id"
    return int(books.connection.execute(sql, (one.id, books.booked_s)).fetchone()["id"])


def end(books: Books, found: list[Pass], stay: Stay, how: End) -> int:
    """Book what it used -> minutes. found: all passes of the card, locked."""
    one = next(one for one in found if one.id == stay.pass_id)
    used = stay.counts_min(how.at_s, one.stay_min)
    if how.most_min is not None:
        used = min(used, how.most_min)
    account = passes.account(books, one.id, MINUTES)
    lived_s = books.booked_s if one.until_s is None else min(books.booked_s, one.until_s - 1)
    booked = min(used, lots.spendable(books.connection, account, lived_s))
    owed = 0 if one.is_over(books.booked_s) else used - booked
    reference = _step(books, stay, how, (used, booked, owed))
    if booked:
        lots.spend(
            books, Why(STAY, reference, how.who, how.at_s, kiosk=how.kiosk), account, booked, at_s=lived_s
        )
    if owed:
        why = Why(OWED, reference, how.who, how.at_s, kiosk=how.kiosk)
        books.post(why, [Transfer(_owed(books, one.id), _issued(books), owed)])
        settle(books, found, reference, how.who)
    return used


def close_if_late(books: Books, found: list[Pass], stay: Stay) -> bool:
    """A stay that is late ends by itself; did it? found: as of end()."""
    stay_min = next(one.stay_min for one in found if one.id == stay.pass_id)
    late = stay.is_late(stay_min, books.booked_s)
    if late:
        end(books, found, stay, End(LIMIT, stay.at_s + 60 * stay_min, HOUSE))
    return late


def void(books: Books, stay: Stay, who: str) -> None:
    """Nobody came in."""
    _step(books, stay, End(VOID, books.booked_s, who), (0, 0, 0))


def back(books: Books, one: Pass, stay: Stay, who: str, kiosk: str) -> None:
    """It goes on: what it used is given back. Where others paid what it owed, its own pass gets that."""
    owed_account = _owed(books, one.id)
    books.load([owed_account])
    row = books.connection.execute(
        "SELECT booked_min FROM stay_steps WHERE stay_id = ? ORDER BY id DESC LIMIT 1", (stay.id,)
    ).fetchone()
    owed = min(stay.owed_min, max(0, -books.account(owed_account).balance))
    booked = row["booked_min"] + stay.owed_min - owed
    how = End(BACK, books.booked_s, who)
    reference = _step(books, stay, how, (booked + owed, booked, owed))
    if booked:
        why = Why(STAY_BACK, reference, who, books.booked_s, kiosk=kiosk)
        lots.earn(books, why, passes.account(books, one.id, MINUTES), booked, one.until_s)
    if owed:
        why = Why(OWED_BACK, reference, who, books.booked_s, kiosk=kiosk)
        books.post(why, [Transfer(_issued(books), owed_account, owed)])


def settle(books: Books, found: list[Pass], reference: str, who: str) -> None:
    """What is owed by passes of a card is paid by those that hold minutes; all are locked."""
    connection, now_s = books.connection, books.booked_s
    books.flush()
    for debtor in found if owed_min(connection, found) else []:
        due = owed_min(connection, [debtor])
        for payer in found:
            if not due or payer.unit != MINUTES or payer.is_over(now_s):
                continue
            account = passes.account(books, payer.id, MINUTES)
            part = min(due, lots.spendable(connection, account, now_s))
            if part:
                why = Why(OWED_PAID, f"{reference} {debtor.id} {payer.id}", who, now_s)
                lots.spend(books, why, account, part, to=_owed(books, debtor.id))
                due -= part


def owed_min(connection: Connection, found: list[Pass]) -> int:
    """Minutes that were used and not there, and not paid since."""
    return -sum(min(0, balance) for balance in accounts.of(connection, "owed", passes.owners(found)).values())


def left_min(connection: Connection, found: list[Pass], at_s: int) -> int:
    """What a card's passes hold together; below zero: what it owes."""
    owed = owed_min(connection, found)
    of_minutes = [one for one in found if one.unit == MINUTES and not one.is_over(at_s)]
    return -owed or sum(accounts.of(connection, lots.LOTS, passes.owners(of_minutes)).values())


def _step(books: Books, stay: Stay, how: End, minutes: tuple[int, int, int]) -> str:
    """The row, and the reference of what it books."""
    made = books.connection.execute(
        "INSERT INTO stay_steps (stay_id, what, ended_s, used_min, booked_min, owed_min, act, reason, who,"
        " at_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (stay.id, how.what, how.at_s, *minutes, how.act, how.reason, how.who, books.booked_s),
    ).fetchone()
    return f"stay:{made['id']}"


def _owed(books: Books, number: int) -> int:
    return books.open_(f"{PASS}{number}", "owed", MINUTES)


def _issued(books: Books) -> int:
    return books.open_(HOUSE, "issued", MINUTES)
