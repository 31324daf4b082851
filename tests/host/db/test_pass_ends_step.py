"""The step that brings prices of passes and their ends: those of before cost nothing, and nothing is lost."""

from pathlib import Path

import pytest

from host.cards import passes
from host.db import engine
from tests.host.db.test_kinds import UID, old_card
from tests.host.db.test_pass_step import ROWS
from tests.host.db.test_schema import migrate, tables


def test_passes_of_before_cost_nothing_and_sold_ones_stay(place: Path | str) -> None:
    engine.create_or_open(place).close()
    migrate(place, "0004")
    old_card(place)
    engine.create_or_open(place).close()
    database = engine.create_or_open(place)
    migrate(place, "0022")
    assert "pass_ends" not in tables(place)
    with database.write() as connection:
        connection.execute(ROWS["passes"], (UID,))
    migrate(place, "head")
    with database.read() as connection:
        (one,) = passes.of_card(connection, UID, 1)
        assert (one.price_fen, one.ended_s) == (0, None)
    migrate(place, "0022")
    migrate(place, "0026")
    with database.write() as connection:
        connection.execute(
            ROWS["passes"]
            .replace("act:1", "act:2")
            .replace("visits,", "price_fen, visits,")
            .replace("1, 3,", "1, 5, 3,"),
            (UID,),
        )
    with pytest.raises(ValueError, match="sold or taken back"):
        migrate(place, "0022")
    database.close()
