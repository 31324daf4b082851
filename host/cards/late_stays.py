"""Stays that nobody ended: whoever left without a tap is not listed as inside for ever."""

from host import clock
from host.cards import passes, stays
from host.db.connection import Connection
from host.db.engine import Database
from host.ledger.books import book


def close(database: Database) -> None:
    """End those that are late, one after the other. One of host.db.connection.faults()."""
    with database.read() as connection:
        late = [stay.id for stay in stays.inside(connection) if _is_late(connection, stay)]
    for number in late:
        with book(database) as books:
            card = passes.holder(books.connection, stays.find(books.connection, number).pass_id)
            found = passes.locked(books, card.uid, card.issue)
            stays.close_if_late(books, found, stays.find(books.connection, number))


def _is_late(connection: Connection, stay: stays.Stay) -> bool:
    one = passes.find(connection, stay.pass_id)
    return one is not None and stay.is_late(one.stay_min, clock.now_s())
