from host.ledger import loads, purse, verify
from host.ledger.books import book
from host.ledger.purse import CardMove
from host.ledger.verify.promises import BOOKED, CHAIN, SHADOWS
from protocol.wire import messages
from tests.host.ledger.verify.hand import busy, tamper
from tests.host.looks import MISSING, faults
from tests.host.rig import NOW_S, Shop


def test_books_that_were_only_written_by_the_program_hold(shop: Shop) -> None:
    _, card = busy(shop)
    assert faults(shop) == {}
    (shown,) = verify.verify(shop.opened.database)["cards"]
    assert shown == {"uid": card.uid.hex().upper(), "issue": 1, "balance_fen": 6500, "tmc": 3}


def test_books_in_which_nothing_happened_hold(shop: Shop) -> None:
    assert faults(shop) == {}


def test_an_open_gap_is_a_fault_until_the_missing_debit_comes(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    first, second = shop.sale(kiosk, card), shop.sale(kiosk, card)
    shop.tell(kiosk, second)
    assert set(faults(shop)) == {MISSING, SHADOWS}
    assert "nobody has reported TMC 2" in faults(shop)[MISSING]
    shop.tell(kiosk, first)
    assert faults(shop) == {}


def test_a_span_of_missing_counters_is_named_as_one(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    with book(shop.opened.database) as books:
        found = purse.open_(books, card.uid, 1, known=True)
        purse.book_sale(books, "sale", found, CardMove(card.uid, 1, 9, -100, 9900), kiosk.name, NOW_S)
    assert "TMC 2 to 8" in faults(shop)[MISSING]


def test_a_top_up_that_waits_or_was_voided_holds(shop: Shop) -> None:
    card = shop.card(10_000)
    move = CardMove(card.uid, 1, 2, 500, 10_500)
    with book(shop.opened.database) as books:
        pending = loads.plan_load(books, move, "operator:desk", NOW_S, bonus_fen=100)
    assert faults(shop) == {}
    with book(shop.opened.database) as books:
        loads.void_load(books, pending, "operator:desk")
        again = loads.plan_load(books, move, "operator:desk", NOW_S, bonus_fen=100)
    with book(shop.opened.database) as books:
        loads.post_load(books, again, move, "operator:desk")
    assert faults(shop) == {}


def test_a_card_that_nobody_knows_has_no_missing_counters(shop: Shop) -> None:
    kiosk = shop.connected()
    with book(shop.opened.database) as books:
        found = purse.open_(books, bytes(7), 3, known=False)
        purse.book_sale(books, "sale", found, CardMove(bytes(7), 3, 9, -100, 9900), kiosk.name, NOW_S)
    assert faults(shop) == {}


def test_a_proof_of_a_counter_that_is_booked_otherwise_must_have_been_alarmed(shop: Shop) -> None:
    """A copied card: both debits are proven, the second is answered as held, and people are told."""
    kiosk, card = shop.connected(), shop.card(10_000)
    shop.tell(kiosk, shop.sale(kiosk, card))
    held = ("UPDATE reports SET code = ?", messages.HELD)
    tamper(shop, held, "UPDATE transactions SET kiosk = 'K2' WHERE id = 3")
    assert "is booked as a sale of K2" in faults(shop)[BOOKED]
    alarm = "INSERT INTO alarms (at_s, code, subject, sentence) VALUES (0, 'counter-twice', ?, 'told')"
    tamper(shop, (alarm, f"{card.uid.hex().upper()}.1.3"))
    assert BOOKED in faults(shop), "another counter's"
    tamper(shop, (alarm, f"{card.uid.hex().upper()}.1.2"))
    assert BOOKED not in faults(shop)


def test_many_rows_are_counted_and_the_first_are_named(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    shop.tell(kiosk, *[shop.sale(kiosk, card, 100) for _ in range(30)])
    tamper(shop, "UPDATE transactions SET who = 'somebody else'")
    detail = faults(shop)[CHAIN]
    assert detail.startswith("transaction 1 is") and detail.endswith("; and 12 more")
