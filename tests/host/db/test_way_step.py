"""The step that gives doors a way: those of before let in and out, and what was chosen is not lost."""

from dataclasses import replace
from pathlib import Path

import pytest

from host.db import engine
from host.terminals.fleet import configs
from host.terminals.fleet.configs import Config
from tests.host.db.test_schema import migrate


def test_doors_of_before_let_in_and_out(place: Path | str) -> None:
    database = engine.create_or_open(place)
    with database.write() as connection:
        connection.execute("INSERT INTO kiosks (name, issue, made_at_s) VALUES ('K1', 1, 0)")
        (number,) = connection.tuples("SELECT number FROM kiosks", ())[0]
        configs.add(connection, number, Config(1, mode="pass"), "x")
    migrate(place, "0027")
    migrate(place, "head")
    with database.write() as connection:
        config = configs.newest(connection, number)[1]
        assert config == Config(1, mode="pass") and config.way == configs.BOTH
        configs.add(connection, number, replace(config, way=configs.IN), "x")
    with pytest.raises(ValueError, match="one way alone"):
        migrate(place, "0027")
    database.close()
