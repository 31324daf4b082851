"""Schemes of card numbers, good and bad ones, and that no number is given twice."""

import pytest

from host.cards import numbers, registry
from host.cards.registry import RegistryError
from tests.host.rig import Shop, blank

GOOD = [
    ("{seq:12}", 1, "", "000000000001"),
    ("{region} {seq:5}", 243, "755", "755 00243"),
    ("VIP{seq:6}{check}", 1, "", "VIP0000018"),
    ("{region}-{seq:3}{check}", 12, "SZ", "SZ-0125"),
    ("{seq:1}", 9, "", "9"),
]
BAD = [
    ("", "must be there once"),
    ("A", "must be there once"),
    ("{seq}", "must be there once"),
    ("{seq:0}", "1 to 19 digits"),
    ("{seq:20}", "1 to 19 digits"),
    (f"{{seq:{'9' * 5000}}}", "a brace"),  # more digits than Python makes a number of
    ("{seq:5}{seq:5}", "must be there once"),
    ("{region}{region}{seq:5}", "twice"),
    ("{check}{seq:5}", "must be last"),
    ("{seq:5}{check}X", "must be last"),
    ("{seq:5}{year}", "the fields are"),
    ("{region:3}{seq:5}", r"only \{seq:N\}"),
    ("{seq:5", "a brace"),
    ("会{seq:5}", "printable ASCII"),
    ("A\n{seq:5}", "printable ASCII"),
    ("ABCDEFGHIJ{seq:12}", "22 characters; a card holds 19"),
]


@pytest.mark.parametrize(("text", "sequence", "region", "number"), GOOD)
def test_a_scheme_makes_and_knows_its_numbers(text: str, sequence: int, region: str, number: str) -> None:
    scheme = numbers.read(text)
    assert scheme.number(sequence, region) == number
    assert scheme.fits(number) and not scheme.fits(number + "0")


@pytest.mark.parametrize(("text", "reason"), BAD)
def test_what_is_no_scheme_is_told_why(text: str, reason: str) -> None:
    with pytest.raises(RegistryError, match=reason):
        numbers.read(text)


def test_a_check_digit_finds_one_wrong_digit_and_two_turned_round() -> None:
    scheme = numbers.read("{seq:6}{check}")
    good = scheme.number(123_456)
    assert scheme.fits(good)
    for at in range(7):
        for digit in "0123456789":
            assert scheme.fits(good[:at] + digit + good[at + 1 :]) == (digit == good[at])
    assert not scheme.fits(good[1] + good[0] + good[2:])


def test_a_scheme_that_is_used_up_says_so() -> None:
    with pytest.raises(RegistryError, match="used up: set a scheme with more digits"):
        numbers.read("{seq:2}").number(100)


def test_each_region_counts_by_itself_and_old_numbers_are_stepped_over(shop: Shop) -> None:
    with shop.opened.database.write() as connection:
        assert registry.begin(connection, blank().uid, 1, "x").number == "000000000001"
        numbers.set_scheme(connection, "{region} {seq:5}", "755")
        registry.begin(connection, blank().uid, 0, "x", registry.PLAIN, "755 00002")
        made = [registry.begin(connection, blank().uid, 1, "x").number for _ in range(2)]
        assert made == ["755 00001", "755 00003"]
        assert registry.begin(connection, blank().uid, 1, "x", region="020").number == "020 00001"
        with pytest.raises(RegistryError, match="A region is"):
            registry.begin(connection, blank().uid, 1, "x", region="广州")
        numbers.set_scheme(connection, "{seq:12}")
        assert registry.begin(connection, blank().uid, 1, "x").number == "000000000002"
        with pytest.raises(RegistryError, match="names no region"):
            registry.begin(connection, blank().uid, 1, "x", region="020")


def test_a_scheme_with_regions_wants_one_and_one_without_wants_none(shop: Shop) -> None:
    with shop.opened.database.write() as connection:
        with pytest.raises(RegistryError, match="A region is"):
            numbers.set_scheme(connection, "{region}{seq:5}")
        with pytest.raises(RegistryError, match="leave the region out"):
            numbers.set_scheme(connection, "{seq:5}", "755")
        assert numbers.scheme_of(connection)[0].text == numbers.DEFAULT


def test_a_number_of_another_scheme_is_on_the_card(shop: Shop) -> None:
    with shop.opened.database.write() as connection:
        numbers.set_scheme(connection, "{region} {seq:5}", "755")
    made = shop.desk(blank()).issue(1000)
    assert (made["number"], made["balance_fen"]) == ("755 00001", 1000)
