"""Shifts and cash drawers: opened with a counted float, closed with a count, over and short booked at each.

Only who has a drawer open takes or gives cash. A machine has none: what it takes is in the house's cash.
"""

import contextlib
from typing import Any

from host import clock, operators
from host.db.connection import Connection
from host.desk import approvals, shifts
from host.desk.acts import Act, Counter
from host.errors import Refused
from host.ledger import drawers
from host.ledger.books import Books, book
from host.ledger.chart import HOUSE, shift_owner
from host.ledger.terms import AlreadyBooked
from host.operators import Operator

HANDED_OVER = " handed over"


def till(connection: Connection, operator: Operator, out_fen: int = 0) -> str:
    """Whose cash it is that this operator takes or gives; out_fen: what he is about to give out of it.

    Refused for a person without an open drawer, or with one that does not hold so much.
    """
    if operator.is_machine:
        return HOUSE
    shift = _mine(connection, operator)
    if out_fen:
        _must_have(connection, shift, out_fen)
    return shift_owner(shift)


def must_be_covered(connection: Connection, operator: Operator) -> None:
    """Refused when what was paid just now was not in the drawer. Books must be flushed."""
    if not operator.is_machine:
        _must_have(connection, _mine(connection, operator), 0)


def _must_have(connection: Connection, shift: int, out_fen: int) -> None:
    free_fen = drawers.holds_fen(connection, shift) - drawers.promised_fen(connection, shift)
    if free_fen < out_fen:
        short_fen = out_fen - free_fen
        sentence = f"Your drawer has {short_fen} fen too little for this: bring cash from the safe."
        raise Refused(409, "drawer-short", sentence)


def _mine(connection: Connection, operator: Operator) -> int:
    shift = shifts.open_shift(connection, operator.name)
    if shift is None:
        raise Refused(409, "drawer", "You have no drawer open: open one with a counted float first.")
    return shift


def open_drawer(counter: Counter, act: Act) -> dict[str, Any]:
    """The float is what was counted: out of the safe, or what a closed drawer was handed over with."""
    counted_fen, former = act.asked["counted_fen"], act.asked.get("from_shift")
    if act.operator.is_machine:
        raise Refused(409, "drawer", "A machine has no drawer: its cash is the house's.")
    with book(counter.database) as books:
        connection = books.connection
        shift = shifts.open_shift(connection, act.operator.name)
        if shift is not None:
            if shifts.counts(connection, shift)[0]["detail"] == act.reference:  # killed before it answered
                return shifts.to_json(connection, shift)
            raise Refused(409, "drawer-open", f"Your drawer of shift {shift} is open: close it first.")
        row = connection.execute(
            "INSERT INTO shifts (operator, opened_at_s) VALUES (?, ?) RETURNING id",
            (act.operator.name, clock.now_s()),
        ).fetchone()
        shift, expected_fen, source = int(row["id"]), counted_fen, drawers.SAFE
        if former is not None:
            expected_fen, source = _handed_over(books, former), (shift_owner(former), "cash")
        if expected_fen:
            drawers.move(books, shift, source, expected_fen, drawers.FLOAT, act.who, act.reference)
        drawers.counted(books, shift, counted_fen, act.who, act.reference)
        books.flush()
        _note(connection, shift, "opened", expected_fen, counted_fen, act)
        return shifts.to_json(connection, shift)


def _handed_over(books: Books, shift: int) -> int:
    row = books.connection.execute(
        "SELECT counted_fen FROM drawer_counts WHERE shift = ? AND what = 'closed' AND detail LIKE ?",
        (shift, f"%{HANDED_OVER}"),
    ).fetchone()
    left_fen = drawers.holds_fen(books.connection, shift)
    if row is None or left_fen != row["counted_fen"]:
        raise Refused(
            409, "drawer", f"The drawer of shift {shift} was not handed over, or was taken already."
        )
    return left_fen


def count_drawer(counter: Counter, act: Act) -> dict[str, Any]:
    """A count in between: {shift, expected_fen, counted_fen, over_fen}"""
    return _count(counter, act, "counted")


def close_drawer(counter: Counter, act: Act) -> dict[str, Any]:
    """The last count; the money goes into the safe, or stays for who takes the drawer over."""
    return _count(counter, act, "closed")


def _count(counter: Counter, act: Act, what: str) -> dict[str, Any]:
    counted_fen, more = act.asked["counted_fen"], HANDED_OVER if act.asked.get("hand_over") else ""
    with book(counter.database) as books:
        connection = books.connection
        done = connection.execute(
            "SELECT shift, expected_fen, counted_fen FROM drawer_counts WHERE what = ? AND detail = ?",
            (what, act.reference + more),
        ).fetchone()
        if done is not None:  # killed before it answered
            return {**dict(done), "over_fen": done["counted_fen"] - done["expected_fen"]}
        shift = _mine(connection, act.operator)
        if what == "closed":
            _must_be_settled(connection, shift)
        expected_fen, over_fen = drawers.counted(books, shift, counted_fen, act.who, act.reference)
        if what == "closed" and counted_fen and not more:
            drawers.move(books, shift, drawers.SAFE, -counted_fen, drawers.MOVE, act.who, act.reference)
        books.flush()
        _note(connection, shift, what, expected_fen, counted_fen, act, more)
    return {"shift": shift, "expected_fen": expected_fen, "counted_fen": counted_fen, "over_fen": over_fen}


def _must_be_settled(connection: Connection, shift: int) -> None:
    """Refused while a card may or may not have been paid out of this drawer."""
    row = connection.execute(
        "SELECT l.uid FROM card_loads l JOIN open_loads o ON o.transaction_id = l.transaction_id"
        " JOIN plans p ON p.transaction_id = l.transaction_id JOIN accounts a ON a.id = p.credit_id"
        " WHERE a.owner = ? AND a.kind = 'cash' LIMIT 1",
        (shift_owner(shift),),
    ).fetchone()
    if row is not None:
        card = bytes(row["uid"]).hex().upper()
        sentence = f"The refund of card {card} is not settled: read the card again, or report it lost."
        raise Refused(409, "drawer-pending", sentence)


def move_cash(counter: Counter, act: Act) -> dict[str, Any]:
    """Cash between a drawer and the safe or the bank; by a clerk with a second person's yes."""
    amount_fen, place, way = (act.asked[name] for name in ("amount_fen", "place", "way"))
    may = operators.may(act.operator, "safe")
    with counter.database.read() as connection:
        shift = act.asked.get("shift") or _mine(connection, act.operator)
        row = connection.execute(shifts.OPEN + "AND s.id = ?", (shift,)).fetchone()
    if row is None or (row["operator"] != act.operator.name and not may):
        raise Refused(409, "drawer", f"Shift {shift} has no open drawer of yours.")
    if not may:
        approvals.must(counter.database, act, "cash", f"shift {shift} {way} {place}", amount_fen, act.reason)
    with book(counter.database) as books:
        signed_fen = amount_fen if way == "in" else -amount_fen
        with contextlib.suppress(AlreadyBooked):  # killed before it answered
            drawers.move(
                books, shift, drawers.PLACES[place], signed_fen, drawers.MOVE, act.who, act.reference
            )
        books.flush()
        left_fen = drawers.holds_fen(books.connection, shift)
        if way == "out" and left_fen < drawers.promised_fen(books.connection, shift):
            raise Refused(409, "drawer", f"The drawer of shift {shift} does not hold so much.")
        return shifts.to_json(books.connection, shift)


def _note(
    connection: Connection,
    shift: int,
    what: str,
    expected_fen: int,
    counted_fen: int,
    act: Act,
    more: str = "",
) -> None:
    connection.execute(
        "INSERT INTO drawer_counts (shift, what, expected_fen, counted_fen, detail, who, at_s)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (shift, what, expected_fen, counted_fen, act.reference + more, act.who, clock.now_s()),
    )
