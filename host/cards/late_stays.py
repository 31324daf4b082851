"""Stays that nobody ended: whoever left without a tap is not listed as inside for ever."""

from host.cards import passes, stays
from host.db.engine import Database
from host.ledger.books import book


def close(database: Database) -> None:
    """End those that are long over, one after the other. One of host.db.connection.faults()."""
    with database.read() as connection:
        open_ = [stay.id for stay in stays.inside(connection)]
    for number in open_:
        with book(database) as books:
            card = passes.holder(books.connection, stays.find(books.connection, number).pass_id)
            found = passes.locked(books, card.uid, card.issue)
            stays.close_if_late(books, found, stays.find(books.connection, number))
