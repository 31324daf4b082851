import pytest

from host.ledger import purse, verify
from host.ledger.purse import CardMove
from tests.host.looks import MISSING, faults
from tests.host.rig import NOW_S, Shop


def tamper(shop: Shop, trigger: str, sql: str) -> None:
    """As somebody with the file in his hands would."""
    with shop.opened.database.write() as connection:
        connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(sql)


def test_books_that_were_only_written_by_the_program_hold(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    shop.tell(kiosk, shop.sale(kiosk, card), shop.sale(kiosk, card))
    assert faults(shop) == {}
    (shown,) = shop.look(verify.verify)["cards"]
    assert shown == {"uid": card.uid.hex().upper(), "issue": 1, "balance_fen": 5000, "tmc": 3}


@pytest.mark.parametrize(
    "trigger, sql, promise, row",
    [
        (
            "entries_no_update",
            "UPDATE entries SET amount = amount + 1 WHERE id = 1",
            "every unit sums",
            "unit CNY",
        ),
        (
            "entries_no_update",
            "UPDATE entries SET amount = amount + 1 WHERE id = 1",
            "every transaction sums",
            "transaction 1 sums to 1",
        ),
        (
            "alarms_no_update",
            "UPDATE accounts SET balance = balance + 1 WHERE id = 1",
            "every balance eq",
            "account 1",
        ),
        (
            "entries_no_update",
            "UPDATE entries SET balance_after = 7 WHERE id = 2",
            "balance after",
            "entry 2 says 7",
        ),
        (
            "transaction_states_no_delete",
            "DELETE FROM transaction_states WHERE transaction_id = 2",
            "exactly the posted",
            "transaction 2 has entries but is not posted",
        ),
        ("card_moves_no_delete", "DELETE FROM card_moves WHERE tmc = 2", "counter of a card", "TMC 2"),
        (
            "card_moves_no_update",
            "UPDATE card_moves SET value_after_fen = 1 WHERE tmc = 3",
            "every shadow",
            "the card last said 1",
        ),
        (
            "card_moves_no_delete",
            "DELETE FROM card_moves WHERE tmc = 3",
            "nothing is booked twice",
            "transaction 3",
        ),
    ],
)
def test_a_tampered_row_is_found_and_named(
    shop: Shop, trigger: str, sql: str, promise: str, row: str
) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    shop.tell(kiosk, shop.sale(kiosk, card), shop.sale(kiosk, card))
    tamper(shop, trigger, sql)
    found = [detail for name, detail in faults(shop).items() if promise in name]
    assert found and row in found[0]


def test_an_open_gap_is_a_fault_until_the_missing_debit_comes(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    first, second = shop.sale(kiosk, card), shop.sale(kiosk, card)
    shop.tell(kiosk, second)
    assert "nobody has reported TMC 2" in faults(shop)[MISSING]
    shop.tell(kiosk, first)
    assert faults(shop) == {}


def test_a_span_of_missing_counters_is_named_as_one(shop: Shop) -> None:
    card = shop.card(10_000)
    with shop.opened.database.write() as connection:
        purse.book_sale(connection, "sale", CardMove(card.uid, 1, 9, -100, 9900), "K1", NOW_S, known=True)
    assert "TMC 2 to 8" in faults(shop)[MISSING]
