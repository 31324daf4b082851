import pytest

from tests.host.looks import faults
from tests.host.rig import Shop

ADDED_ACCOUNT = (
    "INSERT INTO accounts (id, owner, unit, kind, may_go_negative) VALUES (98, 'kiosk:K7', 'CNY', 'sales', 1)"
)
ADDED_STATE = (
    "INSERT INTO transaction_states (transaction_id, state, who, at_s) VALUES (2, 'pending', 'x', 0)"
)
EARNED_ELSEWHERE = (
    "INSERT INTO accounts (id, owner, unit, kind, may_go_negative, balance)"
    " VALUES (99, 'kiosk:K9', 'CNY', 'sales', 1, 2500)",
    "UPDATE entries SET account_id = 99, balance_after = 2500 WHERE transaction_id = 2 AND amount > 0",
    "UPDATE entries SET balance_after = 1000 WHERE transaction_id = 3 AND amount > 0",
    "UPDATE accounts SET balance = 1000 WHERE owner = 'kiosk:K1'",
)
LAST_SALE_GONE = (
    "DELETE FROM card_moves WHERE tmc = 3",
    "DELETE FROM entries WHERE transaction_id = 3",
    "DELETE FROM transaction_states WHERE transaction_id = 3",
    "DELETE FROM transactions WHERE id = 3",
    "UPDATE accounts SET balance = (SELECT coalesce(sum(amount), 0) FROM entries"
    " WHERE account_id = accounts.id)",
)
OTHER_MOVE = (
    "UPDATE transactions SET kind = 'fee' WHERE id = 3",
    "DELETE FROM card_moves WHERE tmc = 3",
    "INSERT INTO card_moves SELECT uid, issue, 3, -1000, 6500, 2 FROM card_moves WHERE tmc = 2",
)


def tamper(shop: Shop, *steps: str) -> None:
    """As somebody with the file in his hands would, who also knows the triggers."""
    own = shop.opened.database._connection()
    own.execute("PRAGMA foreign_keys=OFF")
    for (name,) in shop.query("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        own.execute(f"DROP TRIGGER {name}")
    for step in steps:
        own.execute(step)


@pytest.mark.parametrize(
    "steps, promise, row",
    [
        (LAST_SALE_GONE, "every acknowledged debit is booked", "report K1 1.2 was acknowledged, but"),
        (("UPDATE card_moves SET change_fen = -1 WHERE tmc = 2",), "every acknowledged", "report K1 1.1"),
        (("UPDATE reports SET body = x'00' WHERE counter = 2",), "every acknowledged debit", "hash differs"),
        (("UPDATE transactions SET kiosk = 'K9' WHERE id = 2",), "every acknowledged", "a sale of K9"),
        (("DELETE FROM reports WHERE counter = 2",), "in a row is held", "2 acknowledged in a row, 1 held"),
        (("UPDATE kiosk_epochs SET upto = 1000",), "in a row is held", "1000 acknowledged"),
        (("UPDATE card_moves SET change_fen = -1 WHERE tmc = 2",), "entry and top-up", "TMC 2 moves -1"),
        (("UPDATE card_loads SET amount_fen = 1",), "entry and top-up agree", "its top-up says 1 to 10000"),
        (("UPDATE card_loads SET tmc = 7",), "entry and top-up agree", "at TMC 7"),
        (("DELETE FROM card_loads",), "entry and top-up agree", "its top-up says None to None"),
        (("UPDATE card_moves SET value_after_fen = 1 WHERE tmc = 2",), "follow from", "TMC 3: 1 and"),
        (("UPDATE card_moves SET value_after_fen = 1 WHERE tmc = 1",), "follow from", "TMC 1: 0 and"),
        (EARNED_ELSEWHERE, "income is at its kiosk", "transaction 2 of kiosk K1"),
        (("DELETE FROM card_states",), "owner is known", "(card) is of card:"),
        (("UPDATE accounts SET owner = 'card:ZZ:1' WHERE kind = 'card'",), "owner is known", "card:ZZ:1"),
        ((ADDED_ACCOUNT,), "owner is known", "account 98 (sales) is of kiosk:K7, whom the books do not know"),
        ((ADDED_STATE,), "the planned transactions were pending", "transaction 2: planned 0, pending 1"),
        (("DELETE FROM plans",), "the planned transactions were pending", "planned 0, pending 1"),
        (("DELETE FROM accounts WHERE kind = 'card'",), "the file is whole", "points at no row of accounts"),
        (OTHER_MOVE, "nothing is booked twice", "TMC 3 is booked as sale"),
    ],
)  # fmt: skip
def test_a_tampered_row_is_found_and_named(
    shop: Shop, steps: tuple[str, ...], promise: str, row: str
) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    shop.tell(kiosk, shop.sale(kiosk, card, 2500))
    shop.tell(kiosk, shop.sale(kiosk, card, 1000))
    assert faults(shop) == {}
    tamper(shop, *steps)
    found = [detail for name, detail in faults(shop).items() if promise in name]
    assert found and row in found[0]


def test_an_index_that_lost_its_rows_is_found(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    shop.tell(kiosk, shop.sale(kiosk, card, 2500))
    own = shop.opened.database._connection()
    own.execute("PRAGMA writable_schema=ON")
    own.execute("UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master"
                " WHERE name = 'card_flags_by_card') WHERE name = 'card_loads_by_card'")  # fmt: skip
    own.execute("PRAGMA writable_schema=OFF")
    shop.opened.database.close()
    assert "the file is whole" in faults(shop)
