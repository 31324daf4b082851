"""One bit a slot: which reports wait, found in order and round the ring's end."""

from kiosk.wanted import PART, Wanted

SLOTS = 64


def found(wanted, first, end):
    """All that it finds in this range."""
    serials = []
    serial = wanted.next(first, end)
    while serial < end:
        serials.append(serial)
        serial = wanted.next(serial + 1, end)
    return serials


def test_a_change_is_there_and_a_second_one_takes_it_back():
    wanted = Wanted(SLOTS)
    for serial in (0, 7, 8, 63):
        assert not wanted.holds(serial)
        wanted.change(serial)
        assert wanted.holds(serial) and wanted.count == 1
        assert [n for n in range(SLOTS) if wanted.holds(n)] == [serial], "one bit is one slot"
        wanted.change(serial)
        assert not wanted.holds(serial) and wanted.count == 0


def test_a_serial_stands_where_its_slot_is():
    wanted = Wanted(SLOTS)
    wanted.change(5 * SLOTS + 3)
    assert wanted.holds(5 * SLOTS + 3)
    assert wanted.next(5 * SLOTS, 6 * SLOTS) == 5 * SLOTS + 3


def test_the_next_one_is_found_from_any_place_and_never_behind_the_end():
    kept = [2, 9, 15, 16, 40, 63]
    wanted = Wanted(SLOTS)
    for serial in kept:
        wanted.change(serial)
    for first in range(SLOTS):
        for end in range(first, SLOTS + 1):
            expected = [n for n in kept if first <= n < end]
            assert wanted.next(first, end) == (expected or [end])[0], (first, end)
    assert found(wanted, 0, SLOTS) == kept


def test_a_range_over_the_rings_end_is_gone_through_in_the_order_of_serials():
    wanted = Wanted(SLOTS)
    kept = [60, 63, 64, 70]  # the last two stand in slots 0 and 6
    for serial in kept:
        wanted.change(serial)
    assert found(wanted, 58, 58 + SLOTS) == kept
    assert wanted.count == 4


def test_an_empty_range_and_an_empty_ring_have_none():
    wanted = Wanted(SLOTS)
    assert wanted.next(0, SLOTS) == SLOTS
    wanted.change(9)
    assert wanted.next(9, 9) == 9 and wanted.next(20, 10) == 10, "as the caller sees it: the end"
    assert wanted.next(10, 12) == 12


def test_a_ring_of_several_parts_and_a_rest_loses_none():
    slots = 2 * PART + 192
    wanted, first = Wanted(slots), 5 * slots - 700  # the range goes over the ring's end
    kept = [first, first + 699, first + 700, first + PART, first + 2 * PART + 5, first + slots - 1]
    for count, serial in enumerate(kept):
        wanted.change(serial)
        assert wanted.count == count + 1
    assert found(wanted, first, first + slots) == kept
    while kept:
        serial = kept.pop(len(kept) // 2)
        wanted.change(serial)
        assert found(wanted, first, first + slots) == kept and not wanted.holds(serial)
    assert wanted.count == 0
