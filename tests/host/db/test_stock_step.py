"""The step that brings stock and schemes of numbers: states stay, and nothing is lost going back."""

from pathlib import Path

import pytest

from host.cards import numbers, registry, stock
from host.db import engine
from host.db.connection import breaches
from tests.host.db.test_kinds import UID, old_card
from tests.host.db.test_schema import migrate, tables

NEW = {"card_batches", "card_stock", "card_numbers"}


def test_cards_keep_their_states_and_numbers_go_on(place: Path | str) -> None:
    engine.create_or_open(place).close()
    migrate(place, "0004")
    assert not NEW & tables(place)
    old_card(place)
    database = engine.create_or_open(place)
    assert tables(place) >= NEW
    with database.write() as connection:
        found = registry.newest(connection, UID)
        assert found is not None and found.state == "active"
        assert registry.begin(connection, UID[::-1], 1, "x").number == "000000000002"
    with pytest.raises(breaches(), match="append-only"), database.write() as connection:
        connection.execute("UPDATE card_states SET state = 'void'")
    with pytest.raises(breaches()), database.write() as connection:
        connection.execute(
            "INSERT INTO card_states (uid, issue, state, who, at_s) VALUES (?, 1, 'odd', 'x', 0)", (UID,)
        )
    database.close()
    migrate(place, "0004")
    assert not NEW & tables(place)
    with engine.create_or_open(place).read() as connection:
        assert [row["state"] for row in registry.history(connection, UID)] == ["active"]


@pytest.mark.parametrize(
    "what", ["batches of blank cards", "cards that ended so", "numbers of another scheme"]
)
def test_what_a_step_down_would_lose_stays(place: Path | str, what: str) -> None:
    database = engine.create_or_open(place)
    with database.write() as connection:
        if what.startswith("batches"):
            stock.add(connection, "one", "Card Co", "x", count=1)
        else:
            if what.startswith("numbers"):
                numbers.set_scheme(connection, "A{seq:3}")
            card = registry.begin(connection, UID, 1, "x")
            registry.become(connection, card, "active", "x")
            registry.become(connection, card, "returned" if what.startswith("cards") else "void", "x")
    with pytest.raises(ValueError, match=what):
        migrate(place, "0004")
    database.close()
