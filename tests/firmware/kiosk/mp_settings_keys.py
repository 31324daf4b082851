"""Role keys come and go with the mode that needs them."""

from mp_settings import Flash, given


def test_a_mode_that_debits_nothing_takes_the_debit_key_away():
    settings = Flash().settings()
    given(settings, 3, 1000)
    assert sorted(settings.masters["debit"]) == [1, 2]
    for version, mode in ((4, "balance"), (5, "collect"), (6, "pass")):
        assert given(settings, version, debit=False, mode=mode) and settings.rejected is None
        assert (settings.masters["debit"], list(settings.masters["read"])) == ({}, [1])
