import sqlite3

import pytest
from host.ledger.posting import AlreadyBooked, LedgerError, Move, Overdraft, Why

from host.ledger import accounts, posting
from tests.host.rig import NOW_S, Shop


def why(reference: str = "1", kind: str = "load") -> Why:
    return Why(kind, reference, "operator:desk", NOW_S)


def pair(connection: sqlite3.Connection) -> tuple[int, int]:
    """(cash, a card's account)"""
    return accounts.open_(connection, accounts.HOUSE, "cash"), accounts.open_(connection, "card:04:1", "card")


def test_a_posting_moves_both_balances_and_keeps_what_was_after(shop: Shop) -> None:
    with shop.opened.database.write() as connection:
        cash, card = pair(connection)
        posting.post(connection, why(), [Move(card, 500), Move(cash, -500)])
        posting.post(connection, why("2"), [Move(card, -200), Move(cash, 200)])
        assert accounts.balance(connection, card) == 300
        assert accounts.balance(connection, cash) == -300
    assert shop.query("SELECT amount, balance_after FROM entries WHERE account_id = ? ORDER BY id", card) == [
        (500, 500),
        (-200, 300),
    ]


@pytest.mark.parametrize(
    "amounts, fault",
    [
        ((500, -499), "does not sum to zero"),
        ((0, 0), "other than zero"),
        ((1.5, -1.5), "whole number"),
        ((True, -1), "whole number"),
    ],
)
def test_what_does_not_balance_is_refused_whole(shop: Shop, amounts: tuple[int, int], fault: str) -> None:
    with shop.opened.database.write() as connection:
        cash, card = pair(connection)
        with pytest.raises(LedgerError, match=fault):
            posting.post(connection, why(), [Move(card, amounts[0]), Move(cash, amounts[1])])
    assert shop.query("SELECT count(*) FROM transactions") == [(0,)]


def test_one_account_alone_or_an_unknown_one_is_refused(shop: Shop) -> None:
    with shop.opened.database.write() as connection:
        cash, card = pair(connection)
        for moves in (
            [Move(card, 5)],
            [Move(card, 5), Move(card, -5)],
            [Move(card, 5), Move(card + cash, -5)],
        ):
            with pytest.raises(LedgerError):
                posting.post(connection, why(), moves)


def test_units_balance_each_for_itself(shop: Shop) -> None:
    with shop.opened.database.write() as connection:
        fen = accounts.open_(connection, accounts.HOUSE, "cash")
        points = accounts.open_(connection, accounts.HOUSE, "cash", "points")
        with pytest.raises(LedgerError, match="does not sum to zero in CNY"):
            posting.post(connection, why(), [Move(fen, 5), Move(points, -5)])


def test_the_same_kind_and_reference_is_booked_once(shop: Shop) -> None:
    with shop.opened.database.write() as connection:
        cash, card = pair(connection)
        moves = [Move(card, 500), Move(cash, -500)]
        posting.post(connection, why(), moves)
        with pytest.raises(AlreadyBooked):
            posting.post(connection, why(), moves)
        with pytest.raises(AlreadyBooked):
            posting.plan(connection, why(), moves)
        assert accounts.balance(connection, card) == 500


def test_a_card_goes_below_zero_by_reports_only(shop: Shop) -> None:
    with shop.opened.database.write() as connection:
        cash, card = pair(connection)
        moves = [Move(card, -1), Move(cash, 1)]
        with pytest.raises(Overdraft), _savepoint(connection):
            posting.post(connection, why(), moves)
        posting.post(connection, why("2", "sale"), moves, by_report=True)
        assert accounts.balance(connection, card) == -1


def test_a_credit_that_does_not_reach_zero_is_booked(shop: Shop) -> None:
    """A card that a report left below zero takes money: the card has committed it, the books must too."""
    with shop.opened.database.write() as connection:
        cash, card = pair(connection)
        posting.post(connection, why(kind="sale"), [Move(card, -500), Move(cash, 500)], by_report=True)
        posting.post(connection, why("2"), [Move(card, 300), Move(cash, -300)])
        assert accounts.balance(connection, card) == -200


def test_the_database_itself_refuses_an_overdraft_of_another_kind(shop: Shop) -> None:
    with shop.opened.database.write() as connection:
        cash, card = pair(connection)
        posting.post(connection, why(), [Move(card, 5), Move(cash, -5)])
        with pytest.raises(sqlite3.IntegrityError, match="below zero"):
            connection.execute(
                "INSERT INTO entries (transaction_id, account_id, amount, balance_after)"
                " VALUES (1, ?, -9, -4)",
                (card,),
            )


def test_a_planned_transaction_moves_nothing_until_posted_and_ends_once(shop: Shop) -> None:
    with shop.opened.database.write() as connection:
        cash, card = pair(connection)
        number = posting.plan(connection, why(), [Move(card, 500), Move(cash, -500)])
        assert (accounts.balance(connection, card), posting.state(connection, number)) == (0, "pending")
        posting.post_planned(connection, number, "operator:desk")
        assert (accounts.balance(connection, card), posting.state(connection, number)) == (500, "posted")
        for again in (posting.post_planned, posting.void_planned):
            with pytest.raises(LedgerError, match="is posted, not pending"):
                again(connection, number, "operator:desk")
        assert accounts.balance(connection, card) == 500


def test_a_voided_transaction_never_moves(shop: Shop) -> None:
    with shop.opened.database.write() as connection:
        cash, card = pair(connection)
        number = posting.plan(connection, why(), [Move(card, 500), Move(cash, -500)])
        posting.void_planned(connection, number, "operator:desk")
        with pytest.raises(LedgerError, match="is voided, not pending"):
            posting.post_planned(connection, number, "operator:desk")
        assert accounts.balance(connection, card) == 0


class _savepoint:
    """What a refused posting wrote before it was refused goes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __enter__(self) -> None:
        self.connection.execute("SAVEPOINT test")

    def __exit__(self, *_: object) -> None:
        self.connection.execute("ROLLBACK TO test")
