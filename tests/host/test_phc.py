"""Stretched secrets: each string has its own salt and cost, and only its secret fits."""

from host import phc

COST = {"iterations": 1, "lanes": 1, "memory_kib": 64}


def test_only_the_secret_fits_and_no_two_strings_are_alike() -> None:
    one, other = phc.make(b"1234", COST), phc.make(b"1234", COST)
    assert one != other and one.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert phc.fits(b"1234", one) and phc.fits(b"1234", other)
    assert not phc.fits(b"1235", one) and not phc.fits(b"", one)


def test_a_string_made_at_another_cost_still_fits() -> None:
    assert phc.fits(b"word", phc.make(b"word", COST | {"iterations": 2, "memory_kib": 128}))
