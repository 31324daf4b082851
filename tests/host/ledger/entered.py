"""Whatever moved in the books, as lines to compare, and a clock that a test sets."""

from typing import NamedTuple

import pytest

from host.db.engine import Database

UID, OTHER = bytes.fromhex("04A1B2C3D4E5F6"), bytes.fromhex("0499999999AABB")
ISSUE = 3
CARD = "card:04A1B2C3D4E5F6:3"  # their accounts' owner
ANN, BOB = "operator:ann", "operator:bob"
NOW_S = 1_000_000


class Entered(NamedTuple):
    """A transaction; moved: "500 house cash > shift:1 cash" for each of its transfers, in their order."""

    kind: str
    reference: str | None
    who: str
    happened_s: int
    moved: list[str]


def entered(database: Database, *kinds: str) -> list[Entered]:
    """Transactions of these kinds that moved something, the oldest first; none named: of all kinds."""
    found: dict[int, Entered] = {}
    with database.read() as connection:
        rows = connection.execute(
            "SELECT t.id, t.kind, t.reference, t.who, t.happened_s, e.amount, d.owner, d.kind, c.owner,"
            " c.kind FROM transfers e JOIN transactions t ON t.id = e.transaction_id"
            " JOIN accounts d ON d.id = e.debit_id JOIN accounts c ON c.id = e.credit_id ORDER BY e.id"
        )
        for number, *named, amount, giver, giver_kind, taker, taker_kind in map(tuple, rows):
            moved = found.setdefault(number, Entered(*named, [])).moved
            moved.append(f"{amount} {giver} {giver_kind} > {taker} {taker_kind}")
    return [one for one in found.values() if not kinds or one.kind in kinds]


def clock_at(monkeypatch: pytest.MonkeyPatch, now_s: int) -> None:
    """Units of work that begin from now on are booked then."""
    monkeypatch.setattr("host.clock.now_s", lambda: now_s)
