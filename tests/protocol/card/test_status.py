from protocol.card import apdu, status
from simulator.card import status as simulated


def test_every_status_has_a_name_and_a_sentence() -> None:
    named = {value for name, value in vars(status).items() if name.isupper() and isinstance(value, int)}
    assert named == set(status.SENTENCES)
    assert len(set(status.SENTENCES.values())) == len(named)


def test_the_names_agree_with_those_of_the_procedures_and_of_the_virtual_card() -> None:
    for module in (apdu, simulated):
        for name, value in vars(module).items():
            if name.isupper() and isinstance(value, int) and hasattr(status, name):
                assert getattr(status, name) == value, name


def test_a_status_that_nobody_knows_is_said_by_its_number() -> None:
    assert status.sentence(0x77) == "the card answered with status 77"
    assert "another key" in status.sentence(status.AUTHENTICATION_ERROR)
