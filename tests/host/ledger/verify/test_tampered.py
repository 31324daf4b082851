"""Each promise broken by hand, in each way it can be: the row is named."""

import hashlib

import pytest

from host.ledger.chain import COLUMNS, TRANSFER_COLUMNS
from host.ledger.verify import files
from host.ledger.verify import promises as p
from protocol.wire import cbor, messages
from tests.host.ledger.verify.hand import Step, busy, tamper
from tests.host.looks import faults
from tests.host.rig import Shop

CARD = "UPDATE accounts SET "  # of all: what only a card has is looked at of cards alone
CASH = "(SELECT id FROM accounts WHERE kind = 'cash')"
POINTS = "(SELECT id FROM accounts WHERE kind = 'points')"
OPEN = "INSERT INTO accounts (id, owner, unit, kind, below_zero) VALUES"
SEVENTH = (
    "INSERT INTO transactions (id, state, ends, kind, who, happened_s, booked_s, link)"
    " SELECT 7, 'voided', 1, kind, who, happened_s, booked_s, link FROM transactions WHERE id = 1"
)
SIXTH_TRANSFER = (
    "INSERT INTO transfers SELECT 6, transaction_id, debit_id, credit_id, amount, debit_after, credit_after,"
    " debit_before, credit_before FROM transfers WHERE id = 5"
)
LAST_SALE_GONE = ("DELETE FROM transfers WHERE id = 3", "DELETE FROM transactions WHERE id = 4")
BODY = "UPDATE reports SET body = ?, sha256 = ? WHERE counter = 2"


def told(content: bytes) -> tuple[object, ...]:
    """The second report made another one, with a hash that fits it."""
    return BODY, content, hashlib.sha256(content).digest()


def other_sale() -> tuple[object, ...]:
    """A sale that the books do not hold."""
    values = {"uid": bytes(7), "issue": 1, "amount_fen": 1000, "tmc": 3, "tmv": bytes(8)}
    body = messages.body(messages.SALE, **values, value_fen=6500, happened_s=0)
    return told(cbor.encode([messages.SALE, body]))


CASES: list[tuple[str, tuple[Step, ...], str]] = [
    (p.UNITS, ("UPDATE accounts SET balance = balance + 1 WHERE id = 1",), "unit CNY sums to 1"),
    (p.TRANSACTIONS, (f"UPDATE transfers SET credit_id = {CASH} WHERE id = 5",), "transaction 6: transfer 5"),
    (p.CHAIN, ("UPDATE plans SET amount = 9",), "transaction 1 is not what was chained"),
    (p.CHAIN, (("UPDATE transactions SET link = ? WHERE id = 3", bytes(32)),), "transaction 3 is not"),
    (p.CHAIN, ("DELETE FROM transactions WHERE id = 3",), "transaction 3 is gone"),
    (p.CHAIN, ("DELETE FROM transactions WHERE id IN (3, 4)",), "transactions 3 to 4 are gone"),
    (p.CHAIN, ("DELETE FROM transactions WHERE id = 6",), "transaction 6 is gone"),
    (p.CHAIN, ("DELETE FROM transactions",), "transactions 1 to 6 are gone"),
    (p.CHAIN, ("DELETE FROM transfers WHERE id = 2",), "transfer 2 is gone"),
    (p.CHAIN, ("DELETE FROM transfers WHERE id > 3",), "transfers 4 to 5 are gone"),
    (p.CHAIN, ("DROP INDEX transactions_end_once", SEVENTH), "transaction 7 is beyond the end"),
    (p.CHAIN, (SIXTH_TRANSFER,), "transfer 6 is beyond the end"),
    (p.CHAIN, ("UPDATE transactions SET id = 1099511627790 WHERE id = 6",), "transaction 1099511627790 is b"),
    (p.CHAIN, ("UPDATE transactions SET id = -1 WHERE id = 6",), "transaction -1 is beyond"),
    (p.CHAIN, (("UPDATE chains SET link = ?", bytes(32)),), "partition 0 does not end where its chain says"),
    (p.CHAIN, ("UPDATE chains SET last_transaction = 549755813888",), "transactions 7 to 549755813888 are g"),
    (p.CHAIN, ("UPDATE chains SET last_transfer = 549755813888",), "transfers 6 to 549755813888 are gone"),
    (p.CHAIN, ("DELETE FROM chains",), "transaction 1 is beyond the end"),
    (p.POSTED, ("UPDATE transactions SET first_transfer = NULL WHERE id = 3",), "transaction 3 is posted wi"),
    (p.POSTED, ("UPDATE transactions SET state = 'voided' WHERE id = 3",), "transaction 3 has transfers but"),
    (p.POSTED, ("UPDATE transactions SET first_transfer = 9 WHERE id = 3",), "transaction 3 is posted witho"),
    (p.PLANNED, ("DELETE FROM plans",), "transaction 1: planned 0, pending 1"),
    (p.PLANNED, ("UPDATE plans SET transaction_id = 3",), "transaction 3: planned 1, pending 0"),
    (p.PLANNED, ("DELETE FROM transactions WHERE id = 1",), "transaction 1 is planned, but it is not there"),
    (p.ENDED, ("UPDATE transactions SET ends = 3 WHERE id = 2",), "transaction 2 ends 3, which is not pendi"),
    (p.ENDED, ("UPDATE plans SET amount = 9",), "transaction 2 does not move what transaction 1 planned"),
    (p.ENDED, ("UPDATE plans SET credit_id = 9",), "transaction 2 does not move what transaction 1 planned"),
    (p.ENDED, ("UPDATE transactions SET state = 'pending' WHERE id = 2",), "transaction 2 ends 1, but is pe"),
    (p.ENDED, ("UPDATE transactions SET state = 'expired' WHERE id = 6",), "transaction 6 is expired, but e"),
    (
        p.ENDED,
        ("DROP INDEX transactions_end_once", SEVENTH, "UPDATE chains SET last_transaction = 7"),
        "transaction 7 ends 1, which was ended before",
    ),
    (p.BALANCES, ("UPDATE accounts SET balance = 1 WHERE id = 1",), "(card of card:"),
    (p.BALANCES, ("UPDATE accounts SET balance = 1 WHERE id = 1",), "says 1, its transfers 6500"),
    (p.BALANCES, ("UPDATE accounts SET last_transfer = 2 WHERE id = 1",), "last transfer was 2, it was 3"),
    (p.AFTER, ("UPDATE transfers SET debit_after = 7 WHERE id = 2",), "transfer 2 says account 1 holds 7 af"),
    (p.AFTER, ("UPDATE transfers SET debit_after = 7 WHERE id = 3",), "holds 7 after it, should be 6500"),
    (p.AFTER, ("UPDATE transfers SET credit_after = 7 WHERE id = 3",), "holds 7 after it, should be 3500"),
    (p.AFTER, ("UPDATE transfers SET amount = 7 WHERE id = 3",), "transfer 3 says account 1 holds 6500 afte"),
    (p.AFTER, ("UPDATE transfers SET debit_before = NULL WHERE id = 3",), "account 1 up to 3 follow transfe"),
    (p.AFTER, ("UPDATE transfers SET debit_before = 9 WHERE id = 3",), "account 1 up to 3 follow transfer 9"),
    (p.AFTER, ("UPDATE transfers SET debit_after = -1 WHERE id = 4",), "after transfer None, but"),
    (p.BELOW_ZERO, ("UPDATE transfers SET debit_after = -1 WHERE id = 5",), "transfer 5 leaves account"),
    (
        p.BELOW_ZERO,
        (
            "UPDATE transfers SET debit_after = -1 WHERE id = 3",
            "UPDATE transactions SET kind = 'fee' WHERE id = 4",
        ),
        "transfer 3 leaves account 1 at -1, as fee",
    ),
    (p.BELOW_ZERO, (f"UPDATE accounts SET below_zero = 'yes' WHERE id = {POINTS}",), "may go below zero “ye"),
    (p.BELOW_ZERO, ("UPDATE accounts SET kind = 'magic' WHERE kind = 'cash'",), "(magic of house) may go be"),
    (
        p.ONCE,
        ("DROP INDEX transactions_by_reference", "UPDATE transactions SET reference = 'spent' WHERE id = 5"),
        "points spent is booked as transactions 5 and 6",
    ),
    (p.ONCE, ("UPDATE transactions SET tmc = 2 WHERE id = 4",), "TMC 2 is booked twice"),
    (p.ONCE, ("UPDATE transactions SET purse = NULL WHERE id = 4",), "transaction 4 does not belong to exac"),
    (p.ONCE, ("UPDATE transactions SET tmc = NULL WHERE id = 4",), "TMC None is booked as sale: transaction"),
    (p.ONCE, ("UPDATE transactions SET kind = 'fee' WHERE id = 4",), "TMC 3 is booked as fee: transaction 4"),
    (p.ONCE, ("UPDATE transactions SET purse = 1, tmc = 9 WHERE id = 1",), "transaction 1 is pending, but c"),
    (p.MISSING, ("UPDATE transactions SET tmc = 4 WHERE id = 4",), "nobody has reported TMC 3"),
    (p.MISSING, ("UPDATE transactions SET tmc = 7 WHERE id = 4",), "nobody has reported TMC 3 to 6"),
    (p.MISSING, ("UPDATE transactions SET tmc = 9 WHERE id = 2",), "nobody has reported TMC 1;"),
    (p.PURSES, (CARD + "tmc = 9",), "stands at TMC 9 with 6500, its moves end at TMC 3 with 6500"),
    (p.PURSES, (CARD + "value_fen = 9",), "stands at TMC 3 with 9, its moves end at TMC 3 with 6"),
    (p.PURSES, (CARD + "last_move = 3",), "says its last move was 3, it was 4"),
    (p.PURSES, (CARD + "missing = 1",), "lists 1 missing counters, 0 are missing"),
    (p.PURSES, ("INSERT INTO purse_gaps VALUES (1, 2, 2)",), "lists 0 missing counters, 0 are missing"),
    (p.PURSES, ("UPDATE transactions SET before = NULL WHERE id = 4",), "transaction 4 follow None, which i"),
    (p.PURSES, ("UPDATE transactions SET before = 9 WHERE id = 4",), "transaction 4 follow 9, which is not"),
    (p.SHADOWS, ("UPDATE transactions SET value_fen = 1 WHERE id = 4",), "shadow 6500 fen, the card last sa"),
    (p.SHADOWS, ("UPDATE accounts SET balance = 1 WHERE id = 1",), "shadow 1 fen, the card last said 6500"),
    (p.VALUES, ("UPDATE transactions SET value_fen = 1 WHERE id = 3",), "TMC 3: 1 and -1000 do not make 650"),
    (p.VALUES, ("UPDATE transactions SET value_fen = 1 WHERE id = 2",), "TMC 1: 0 and 10000 do not make 1"),
    (p.MOVES, ("UPDATE transactions SET change_fen = 1 WHERE id = 3",), "TMC 2 moves 1, transaction 3 enter"),
    (p.MOVES, ("UPDATE transactions SET purse = 2 WHERE id = 3", "UPDATE purses SET account_id = 2"), "ente"),
    (p.MOVES, ("UPDATE card_loads SET amount_fen = 1",), "its top-up says 1 to 10000 at TMC 1"),
    (p.MOVES, ("UPDATE card_loads SET value_after_fen = 1",), "its top-up says 10000 to 1 at TMC 1"),
    (p.MOVES, ("UPDATE card_loads SET tmc = 7",), "its top-up says 10000 to 10000 at TMC 7"),
    (p.MOVES, ("UPDATE card_loads SET issue = 7",), "TMC 1 moves 10000 to 10000"),
    (p.MOVES, (("UPDATE card_loads SET uid = ?", bytes(7)),), "TMC 1 moves 10000 to 10000"),
    (p.MOVES, ("DELETE FROM card_loads",), "transaction 1 TMC None moves None to None, its top-up says None"),
    (p.INCOME, ("UPDATE transactions SET kiosk = 'K9' WHERE id = 3",), "transaction 3 of kiosk K9 earns not"),
    (p.INCOME, (f"UPDATE transfers SET credit_id = {CASH} WHERE id = 2",), "transaction 3 of kiosk K1 earns"),
    (p.OWNERS, ("DELETE FROM card_states",), "account 1 (card) is of card:"),
    (p.OWNERS, ("UPDATE accounts SET owner = 'card:ZZ:1' WHERE id = 1",), "is of card:ZZ:1, whom the books"),
    (p.OWNERS, (f"{OPEN} (98, 'kiosk:K7', 'CNY', 'sales', 'yes')",), "account 98 (sales) is of kiosk:K7"),
    (p.OWNERS, (f"{OPEN} (98, 'operator:X', 'CNY', 'commission', 'never')",), "account 98 (commission) is o"),
    (p.OWNERS, (f"{OPEN} (98, 'card:04:1', 'CNY', 'suspense', 'yes')",), "account 98 (suspense) is of card:"),
    (p.LOTS, ("UPDATE lots SET remaining = 99",), "lot 4 of 100 says 99 remain, 30 were used"),
    (p.LOTS, ("UPDATE lots SET remaining = 99",), "of member:1 holds 70, its lots 99"),
    (p.LOTS, ("DELETE FROM lot_uses",), "lot 4 of 100 says 70 remain, 0 were used"),
    (p.LOTS, ("UPDATE lots SET amount = 101",), "lot 4 of 101 is not what transfer 4 gave"),
    (p.LOTS, ("UPDATE lots SET account_id = 1",), "lot 4 of 100 is not what transfer 4 gave account 1"),
    (p.LOTS, ("UPDATE lot_uses SET amount = 29",), "transfer 5 of 30 used 29 of lots"),
    (p.LOTS, ("UPDATE lot_uses SET transfer_id = 3",), "transfer 3 of 1000 used 30 of lots"),
    (p.HELD, ("DELETE FROM reports WHERE counter = 2",), "kiosk K1 epoch 1: 2 acknowledged in a row, 1 held"),
    (p.HELD, ("DELETE FROM reports",), "kiosk K1 epoch 1: 2 acknowledged in a row, 0 held"),
    (p.HELD, ("UPDATE kiosk_epochs SET upto = 1000",), "1000 acknowledged in a row, 2 held"),
    (p.HELD, ("INSERT INTO kiosk_ranges VALUES (1, 1, 5, 9)",), "kiosk K1 epoch 1: 5 to 9 acknowledged, 0 h"),
    (p.BOOKED, (("UPDATE reports SET body = ? WHERE counter = 2", b"\0"),), "report K1 1.2 is not what came"),
    (p.BOOKED, ("UPDATE reports SET transaction_id = NULL WHERE counter = 2",), "report K1 1.2 was acknowle"),
    (p.BOOKED, (("UPDATE reports SET transaction_id = NULL, code = ?", messages.FLAGGED),), ".3 is not book"),
    (p.BOOKED, ("UPDATE reports SET transaction_id = 3",), "report K1 1.2 was acknowledged, but transaction"),
    (p.BOOKED, LAST_SALE_GONE, "report K1 1.2 was acknowledged, but"),
    (p.BOOKED, ("UPDATE transactions SET change_fen = -1 WHERE id = 3",), "report K1 1.1 tells another debi"),
    (p.BOOKED, ("UPDATE transactions SET value_fen = 1 WHERE id = 3",), "report K1 1.1 tells another debit"),
    (p.BOOKED, ("UPDATE transactions SET kiosk = 'K9' WHERE id = 3",), "report K1 1.1 is booked as a sale o"),
    (
        p.BOOKED,
        ("UPDATE transactions SET kiosk = 'K9' WHERE id = 3", ("UPDATE reports SET code = ?", messages.HELD)),
        "report K1 1.1 is booked as a sale of K9",
    ),
    (p.BOOKED, (told(b"\xff"),), "report K1 1.2 tells nothing: indefinite length"),
    (p.BOOKED, (told(b"\x01"),), "report K1 1.2 tells nothing: it is not a kind and a body"),
    (p.BOOKED, (told(cbor.encode([messages.SALE, 1, 2])),), "1.2 tells nothing: it is not a kind and a body"),
    (p.BOOKED, (told(cbor.encode(["1", {}])),), "1.2 tells nothing: it is not a kind and a body"),
    (p.BOOKED, (told(cbor.encode([999, {}])),), "report K1 1.2 tells nothing: unknown message type 999"),
    (p.BOOKED, (told(cbor.encode([messages.SALE, {}])),), "1.2 tells nothing: sale: uid is missing"),
    (p.CHAIN, ("UPDATE chains SET writer = -1",), "partition -1 does not end where its chain says"),
    (p.CHAIN, (f"UPDATE chains SET writer = {2**62}",), "transaction 1 is beyond the end of its partition"),
    (p.BOOKED, (other_sale(),), "report K1 1.2 was acknowledged, but transaction 4 is not of 00000000000000"),
    (p.POINTERS, ("UPDATE reports SET transaction_id = 99",), "report K1 1.1 is of transaction 99, which is"),
    (p.POINTERS, ("UPDATE reports SET kiosk = 9",), "reports of kiosk 9, which is not there"),
    (p.POINTERS, ("UPDATE transfers SET debit_id = 999 WHERE id = 2",), "transfer 2 moves account 999, whic"),
    (p.POINTERS, ("UPDATE transfers SET transaction_id = 99 WHERE id = 2",), "transfer 2 is of transaction"),
    (p.POINTERS, ("UPDATE transactions SET purse = 999 WHERE id = 3",), "transaction 3 is of the purse 999"),
    (p.POINTERS, ("DELETE FROM purses",), "transaction 2 is of the purse 1, which is not there"),
    (p.POINTERS, ("DELETE FROM accounts WHERE id = 1",), "a row of purses with account_id 1 points at no"),
    (p.POINTERS, ("DELETE FROM cards",), " 1 points at no row of cards"),
]  # fmt: skip

COLUMN_CASES = [
    *[("transactions", column.strip()) for column in COLUMNS.split(",")[1:]],
    *[("transfers", column.strip()) for column in TRANSFER_COLUMNS.split(",")[1:]],
]


@pytest.mark.parametrize("promise, steps, row", CASES, ids=[case[2] for case in CASES])
def test_a_tampered_row_is_found_and_named(
    shop: Shop, promise: str, steps: tuple[Step, ...], row: str
) -> None:
    busy(shop)
    assert faults(shop) == {}
    tamper(shop, *steps)
    assert row in faults(shop).get(promise, "") + ";"


@pytest.mark.parametrize("table, column", COLUMN_CASES)
def test_no_column_of_a_transaction_or_a_transfer_can_be_edited_unseen(
    shop: Shop, table: str, column: str
) -> None:
    busy(shop)
    texts = ("state", "kind", "reference", "who", "kiosk")
    value = "'voided'" if column in texts else f"coalesce({column}, 0) + 8"
    tamper(shop, f"UPDATE {table} SET {column} = {value} WHERE id = 3")
    number = 3 if table == "transactions" else 4
    assert f"transaction {number} is not what was chained" in faults(shop)[p.CHAIN]


def test_every_promise_is_broken_above() -> None:
    elsewhere = {
        p.CHECKPOINTS,
        p.OPEN_LOADS,
        p.PAYMENTS,
        p.ENTRIES,
        p.PASSES,
        p.STAYS,
        p.CHARGES,
        p.DRAWERS,
        p.APPROVED,
        p.ENDS,
        p.FILE,
    }  # in modules of their own; below
    assert {case[0] for case in CASES} | elsewhere == set(p.ALL)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_index_that_lost_its_rows_is_found(shop: Shop) -> None:
    busy(shop)
    own = shop.opened.database._connection()
    own.execute("PRAGMA writable_schema=ON")
    own.execute("UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master"
                " WHERE name = 'card_flags_by_card') WHERE name = 'card_loads_by_card'")  # fmt: skip
    own.execute("PRAGMA writable_schema=OFF")
    shop.opened.database.close()
    assert p.FILE in faults(shop)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_every_foreign_key_of_the_schema_is_looked_at(shop: Shop) -> None:
    keys = set()
    for (table,) in shop.query("SELECT name FROM sqlite_master WHERE type = 'table'"):
        found: dict[int, tuple[str, list[str], list[str]]] = {}
        for number, _, parent, own, theirs, *_ in shop.query(f"PRAGMA foreign_key_list({table})"):
            _, columns, others = found.setdefault(number, (parent, [], []))
            columns.append(own)
            others.append(theirs)
        keys |= {(table, ", ".join(own), parent, ", ".join(theirs)) for parent, own, theirs in found.values()}
    assert keys == set(files.POINTERS) - {("kiosk_ranges", "kiosk", "kiosks", "number")}
