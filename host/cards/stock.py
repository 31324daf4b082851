"""Blank cards: how they came in, to whom they went, and that none is used that is not there.

A batch is counted, or listed card by card by its UID. Each row of card_stock says that so many cards of a
batch came into a state (see life.py); a listed card's newest row is its state, of counted ones the sums are.
Where no batch was ever entered, no stock is kept and any blank card may be used.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from host import clock
from host.cards import life, stock_places
from host.cards.terms import RegistryError
from host.db.connection import Connection

COUNT_MAX = 100_000
NAME_MAX = 64


@dataclass(frozen=True)
class Batch:
    """A delivery of blank cards; listed: each by its UID."""

    id: int
    name: str
    supplier: str
    count: int
    listed: bool


def add(
    connection: Connection, name: str, supplier: str, who: str, count: int = 0, uids: Iterable[bytes] = ()
) -> Batch:
    """A new batch, so many cards or these. RegistryError, and then nothing of it is entered."""
    listed = list(uids)
    _named("The batch", name)
    _named("The supplier", supplier)
    if bool(count) == bool(listed):
        raise RegistryError("stock", "Say how many cards came, or give their UIDs: one of both.")
    if not 0 < (count or len(listed)) <= COUNT_MAX:
        raise RegistryError("stock", f"A batch is of 1 to {COUNT_MAX} cards.")
    _must_be_new(connection, listed)
    if connection.execute("SELECT 1 FROM card_batches WHERE name = ?", (name,)).fetchone() is not None:
        raise RegistryError("stock", f"There is a batch “{name}” already.")
    number = connection.execute(
        "INSERT INTO card_batches (name, supplier, count, listed, who, at_s) VALUES (?, ?, ?, ?, ?, ?)"
        " RETURNING id",
        (name, supplier, count or len(listed), int(bool(listed)), who, clock.now_s()),
    ).fetchone()[0]
    batch = Batch(number, name, supplier, count or len(listed), bool(listed))
    _rows(connection, batch, "blank", None, who, listed or [None], count or 1)
    return batch


def find(connection: Connection, name: str) -> Batch:
    """The batch of this name; RegistryError."""
    row = connection.execute(
        "SELECT id, name, supplier, count, listed FROM card_batches WHERE name = ?", (name,)
    ).fetchone()
    if row is None:
        raise RegistryError("stock", f"There is no batch “{name}”: `tapledger cards stock list` shows them.")
    return Batch(row["id"], row["name"], row["supplier"], row["count"], bool(row["listed"]))


def move(
    connection: Connection,
    batch: Batch,
    state: str,
    desk: str,
    who: str,
    count: int = 0,
    uids: Iterable[bytes] = (),
) -> int:
    """So many cards, or these, become `issued` to a desk, come back from it as `blank`, or are scrapped
    (`void`) in the house (desk "") or there -> how many. RegistryError when they are not there."""
    listed = list(uids)
    if state == "issued" or desk:
        _named("The desk", desk)
    if bool(count) == bool(listed) or bool(listed) != batch.listed:
        wanted = "the UIDs of the cards" if batch.listed else "how many cards"
        raise RegistryError("stock", f"Batch “{batch.name}” wants {wanted}.")
    source = "issued" if state != "issued" and desk else "blank"
    if state == "used" or not life.may(source, state):
        raise RegistryError("stock", f"A card that is {source} cannot become {state}.")
    if not batch.listed:
        there = stock_places.counted(connection, batch.id, source, desk)
        if not 0 < count <= there:
            place = f"at {desk}" if source == "issued" else "in the house"
            raise RegistryError("stock", f"Of batch “{batch.name}” {there} cards are {place}, not {count}.")
    for uid in listed:
        found = stock_places.state_of(connection, uid)
        if found != (batch.id, source, desk if source == "issued" else None):
            place = f"at {desk}" if source == "issued" else "in the house"
            raise RegistryError("stock", f"Card {uid.hex().upper()} of “{batch.name}” is not {place}.")
    if len(set(listed)) != len(listed):
        raise RegistryError("stock", "A UID is there twice.")
    _rows(connection, batch, state, desk or None, who, listed or [None], count or 1)
    return count or len(listed)


def take(connection: Connection, uid: bytes, desk: str, who: str) -> None:
    """A blank card is made a customer's at this desk. RegistryError when the desk has none by the books."""
    found = stock_places.state_of(connection, uid)
    if found is not None:
        batch_id, state, at = found
        if (state, at) != ("issued", desk):
            place = f"{state} at {at}" if at else state
            raise RegistryError(
                "stock", f"Card {uid.hex().upper()} is {place} by the stock, not issued to {desk}."
            )
        _row(connection, batch_id, "used", desk, who, uid, 1)
        return
    batches = connection.execute("SELECT id, listed FROM card_batches ORDER BY id").fetchall()
    if not batches:
        return
    for row in batches:
        # a card that is not listed is none of a listed batch: a clerk may have brought it
        if not row["listed"] and stock_places.counted(connection, row["id"], "issued", desk) > 0:
            _row(connection, row["id"], "used", desk, who, uid, 1)
            return
    raise RegistryError(
        "stock",
        f"By the stock {desk} has no blank card left: enter what it got with `tapledger cards stock issue`.",
    )


def _must_be_new(connection: Connection, uids: list[bytes]) -> None:
    if len(set(uids)) != len(uids):
        raise RegistryError("stock", "A UID is there twice.")
    for uid in uids:
        if not 4 <= len(uid) <= 10:
            raise RegistryError("stock", f"{uid.hex().upper()} is no UID: it has 4 to 10 bytes.")
        known = connection.execute("SELECT 1 FROM cards WHERE uid = ? LIMIT 1", (uid,)).fetchone()
        if known is not None or stock_places.state_of(connection, uid) is not None:
            raise RegistryError("stock", f"Card {uid.hex().upper()} is in the books already.")


def _named(what: str, name: str) -> None:
    if not 0 < len(name) <= NAME_MAX or not name.isprintable():
        raise RegistryError("stock", f"{what} needs a name of 1 to {NAME_MAX} characters.")


def _rows(
    connection: Connection,
    batch: Batch,
    state: str,
    desk: str | None,
    who: str,
    uids: list[bytes] | list[None],
    count: int,
) -> None:
    for uid in uids:
        _row(connection, batch.id, state, desk, who, uid, count)


def _row(
    connection: Connection,
    batch_id: int,
    state: str,
    desk: str | None,
    who: str,
    uid: bytes | None,
    count: int,
) -> None:
    connection.execute(
        "INSERT INTO card_stock (batch, state, desk, uid, count, who, at_s) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (batch_id, state, desk, uid, count, who, clock.now_s()),
    )
