"""What is asked of single transactions."""

import pytest

from host.db.engine import Database
from host.ledger.asked import state_of, transfers_of
from host.ledger.books import book
from host.ledger.terms import EXPIRED, PENDING, POSTED, TRANSFERS_MAX, VOIDED, LedgerError, Transfer
from tests.host.ledger.test_books import pair, why


def test_the_transfers_of_a_transaction_are_its_own_in_their_order(database: Database) -> None:
    with book(database) as books:
        cash, card = pair(books)
        moved = [
            [Transfer(cash, card, 5)],
            [Transfer(cash, card, 7), Transfer(card, cash, 6), Transfer(cash, card, 1)],
            [Transfer(card, cash, 2)] * TRANSFERS_MAX,
            [Transfer(cash, card, 3)],
        ]
        numbers = [books.post(why(None, "sale"), transfers, by_report=True) for transfers in moved]
    first = 1
    with database.read() as connection:
        for number, transfers in zip(numbers, moved, strict=True):
            assert transfers_of(connection, number, first) == transfers
            assert transfers_of(connection, number, first + 1) == transfers[1:]
            first += len(transfers)
        assert transfers_of(connection, numbers[-1] + 1, 1) == []


def test_the_state_of_a_transaction_is_what_ended_it(database: Database) -> None:
    with book(database) as books:
        move = [Transfer(*pair(books), 5)]
        waiting = {state: books.plan(why(state), move) for state in (PENDING, POSTED, VOIDED, EXPIRED)}
        posted = books.post(why(None), move)
        ends = {state: books.end(waiting[state], state, why(None)) for state in (POSTED, VOIDED, EXPIRED)}
    with database.read() as connection:
        assert {state: state_of(connection, number) for state, number in waiting.items()} == {
            state: state for state in waiting
        }
        assert {state: state_of(connection, number) for state, number in ends.items()} == {
            state: state for state in ends
        }
        assert state_of(connection, posted) == POSTED
        with pytest.raises(LedgerError, match=r"^there is no transaction 99$"):
            state_of(connection, 99)
