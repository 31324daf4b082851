"""Who is inside by a pass of minutes, and stays that a clerk closes: somebody went out without his card."""

from typing import Any

from host import clock, operators
from host.cards import passes, stays
from host.cards.stays import End
from host.db.connection import Connection
from host.desk import looking
from host.desk.acts import Act, Counter
from host.errors import Refused
from host.ledger.books import book

INSIDE_MAX = 1000  # in one answer


def close(counter: Counter, act: Act) -> dict[str, Any]:
    """The stay of a card ends now: looking.card() and used_min.

    minutes: that it was shorter, which needs the right `void`: it is a gift.
    """
    most_min = act.asked.get("minutes")
    if most_min is not None:
        operators.must(act.operator, "void")
    with book(counter.database) as books:
        card = looking.named(books.connection, act.asked["uid"])
        found = passes.locked(books, card.uid, card.issue)
        used_min = _closed(books.connection, act.id)
        if used_min is None:  # else: killed before it answered
            stay = stays.newest(books.connection, found)
            if stay is None or not stay.goes_on:
                raise Refused(409, "outside", f"Nobody is inside by card {card.uid_hex}.")
            how = End(stays.DESK, books.booked_s, act.who, None, act.id, act.reason, most_min)
            used_min = stays.end(books, found, stay, how)
            books.flush()
        return looking.card(books.connection, card) | {"used_min": used_min}


def inside(connection: Connection, limit: int = INSIDE_MAX) -> list[dict[str, Any]]:
    """[{uid, number, pass, since, minutes, left}], the longest stay first; uid, number: of the card now."""
    found = []
    for stay in stays.inside(connection)[:limit]:
        one = passes.find(connection, stay.pass_id)
        assert one is not None  # a foreign key says so
        card = passes.holder(connection, one.id)
        told = {"uid": card.uid_hex, "number": card.number, "pass": one.id, "since": stay.at_s}
        counts_min = stay.counts_min(clock.now_s(), one.stay_min)
        found.append(told | {"minutes": counts_min, "left": passes.left(connection, one)})
    return found


def _closed(connection: Connection, act: int) -> int | None:
    row = connection.execute("SELECT used_min FROM stay_steps WHERE act = ?", (act,)).fetchone()
    return None if row is None else int(row["used_min"])
