from host.ledger.verify import promises
from host.terminals.reported import sequences
from protocol.wire.messages import ACK, BOOKED, FLAGGED, U32
from protocol.wire.resend import ABSENT, RESEND
from tests.host.looks import faults
from tests.host.rig import KioskSide, Shop


def asked(kiosk: KioskSide) -> list[tuple[int, list[list[int]]]]:
    """(epoch, missing) of every resend so far."""
    return [(values["epoch"], values["missing"]) for kind, values in kiosk.inbox if kind == RESEND]


def absent(kiosk: KioskSide, *numbers: tuple[int, int]) -> list[bytes]:
    return [kiosk.message(number, ABSENT) for number in numbers]


def gaps(shop: Shop) -> list[tuple[int, int, int]]:
    found = shop.look(sequences.gaps, 1)
    return [(gap["epoch"], gap["first"], gap["last"]) for gap in found]


def test_what_the_books_hold_or_the_kiosk_has_yet_to_tell_is_not_asked_for(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card()
    shop.tell(kiosk, shop.sale(kiosk, card))
    shop.tell(kiosk, kiosk.hello(nonce=b"nonce--2"))
    kiosk.counter = 5
    shop.tell(kiosk, kiosk.hello(nonce=b"nonce--3", pending=4))
    assert asked(kiosk) == []


def test_books_that_were_restored_ask_for_what_came_after_the_copy(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card()
    shop.tell(kiosk, shop.sale(kiosk, card))
    kiosk.counter = 9
    shop.tell(kiosk, kiosk.hello(nonce=b"nonce--2", pending=2))
    assert asked(kiosk) == [(1, [[2, 9]])]
    shop.tell(kiosk, kiosk.hello(pending=8))  # the same session: now they are on their way
    assert len(asked(kiosk)) == 1


def test_gaps_are_asked_for_and_closed_by_report_or_absence(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card()
    sales = [shop.sale(kiosk, card, 100) for _ in range(5)]
    shop.tell(kiosk, sales[0], sales[2], sales[4])
    assert gaps(shop) == [(1, 2, 2), (1, 4, 4)]
    shop.tell(kiosk, kiosk.hello(nonce=b"nonce--2"))
    assert asked(kiosk) == [(1, [[2, 2], [4, 4]])]
    heard = shop.tell(kiosk, sales[1], *absent(kiosk, (1, 4)))
    assert heard[ACK]["verdicts"][-1] == [4, BOOKED, 0] and heard[ACK]["upto"] == 5
    assert gaps(shop) == [] and shop.alarms() == ["numbers-absent"]
    shop.tell(kiosk, kiosk.hello(nonce=b"nonce--3"))
    assert len(asked(kiosk)) == 1
    assert list(faults(shop)) == [promises.MISSING, promises.SHADOWS]  # of the sale that is gone


def test_a_sale_that_turns_up_after_it_was_absent_is_booked_and_shown_to_a_person(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(5000)
    sale = shop.sale(kiosk, card)
    shop.tell(kiosk, *absent(kiosk, (1, 1)))
    heard = shop.tell(kiosk, sale)
    assert [verdict[:2] for verdict in heard[ACK]["verdicts"]] == [[1, FLAGGED]]
    assert "number-reused" in shop.alarms() and faults(shop) == {}


def test_absence_counts_once_and_needs_a_number(shop: Shop) -> None:
    kiosk = shop.connected()
    told = absent(kiosk, (1, 1))
    first, again = shop.tell(kiosk, *told), shop.tell(kiosk, *told)
    assert first[ACK]["verdicts"] == again[ACK]["verdicts"] == [[1, BOOKED, 0]]
    shop.tell(kiosk, *absent(kiosk, (1, 0)))
    assert "refused" in " ".join(shop.alarms()) or shop.query("SELECT count(*) FROM refusals")[0][0] == 1


def test_an_epoch_of_a_later_state_of_the_books_makes_them_ask_for_the_end_of_the_others(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card()
    shop.tell(kiosk, shop.sale(kiosk, card))
    shop.tell(kiosk, kiosk.hello(nonce=b"nonce--2", epoch=3, counter=4))
    assert asked(kiosk) == [(1, [[2, U32]]), (3, [[1, 4]])]


def test_no_more_ranges_are_asked_for_than_a_message_holds(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(100_000)
    sales = [shop.sale(kiosk, card, 100) for _ in range(140)]
    shop.tell(kiosk, *sales[1::2])
    shop.tell(kiosk, kiosk.hello(nonce=b"nonce--2"))
    [(epoch, ranges)] = asked(kiosk)
    assert (epoch, len(ranges), ranges[0], ranges[-1]) == (1, 64, [1, 1], [127, 127])
