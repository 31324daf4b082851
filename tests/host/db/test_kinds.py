"""The step that brings kinds of card: purses stay what they are, and nothing of another kind is lost."""

from pathlib import Path

import pytest

from host.cards import registry
from host.db import engine
from host.db.connection import breaches
from tests.host.db.test_schema import migrate, tables

NEW = {"sun_counters", "card_limits", "card_pins", "card_pin_tries", "imports"}
UID = bytes.fromhex("04A1B2C3D4E580")


def old_card(place: Path | str) -> None:
    """As the program before this step wrote it."""
    connection = engine.connect(place)
    connection.execute(
        "INSERT INTO cards (uid, issue, number, key_version, made_at_s) VALUES (?, 1, '000000000001', 1, 0)",
        (UID,),
    )
    connection.execute(
        "INSERT INTO card_states (uid, issue, state, who, at_s) VALUES (?, 1, 'active', 'x', 0)", (UID,)
    )
    connection.close()


def test_cards_that_were_there_are_purses_and_the_step_can_be_taken_back(place: Path | str) -> None:
    engine.create_or_open(place).close()
    migrate(place, "0002")
    assert not NEW & tables(place)
    old_card(place)
    database = engine.create_or_open(place)
    assert tables(place) >= NEW
    with database.read() as connection:
        found = registry.newest(connection, UID)
    assert found is not None and found.kind == registry.PURSE
    database.close()
    migrate(place, "0002")
    assert not NEW & tables(place)


def test_books_with_another_kind_of_card_are_not_taken_back(place: Path | str) -> None:
    database = engine.create_or_open(place)
    with database.write() as connection:
        registry.begin(connection, UID, 0, "operator:desk", registry.PLAIN, "VIP-7")
    with pytest.raises(ValueError, match="cards of other kinds"):
        migrate(place, "0002")
    with pytest.raises(breaches()), database.write() as connection:
        registry.begin(connection, UID[::-1], 0, "operator:desk", "paper")
    database.close()


def test_numbers_of_old_cards_are_stepped_over(place: Path | str) -> None:
    database = engine.create_or_open(place)
    with database.write() as connection:
        registry.begin(connection, UID, 0, "x", registry.PLAIN, "000000000002")
        assert registry.begin(connection, UID[::-1], 1, "x").number == "000000000001"
        assert registry.begin(connection, UID[:4], 1, "x").number == "000000000003"
        with pytest.raises(registry.RegistryError, match="is another card's"):
            registry.begin(connection, b"\x01\x02\x03\x04", 0, "x", registry.PLAIN, "000000000002")
    database.close()
