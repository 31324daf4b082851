"""The step that brings key versions, acts and revocations: taken back only while nothing is in them."""

from pathlib import Path

import pytest

from host.cards import registry
from host.db import engine
from host.db.connection import breaches
from tests.host.db.test_schema import migrate, tables

NEW = {"card_key_moves", "key_acts", "kiosk_revocations"}
UID = bytes.fromhex("04A1B2C3D4E580")
MOVE = "INSERT INTO card_key_moves (uid, issue, version, confirmed, who, at_s) VALUES (?, 1, ?, ?, 'x', 0)"
ACT = "INSERT INTO key_acts (act, detail, first, second, at_s) VALUES ('rotate', 'debit', 'a', 'b', 0)"
REVOKE = "INSERT INTO kiosk_revocations (kiosk, issue, reason, who, at_s) VALUES (1, 1, 'stolen', 'x', 0)"


def test_the_step_goes_down_and_up(place: Path | str) -> None:
    engine.create_or_open(place).close()
    migrate(place, "0006")
    assert not NEW & tables(place)
    migrate(place, "head")
    assert tables(place) >= NEW


@pytest.mark.parametrize(
    ("table", "sql", "values"),
    [("card_key_moves", MOVE, (UID, 2, 1)), ("key_acts", ACT, ()), ("kiosk_revocations", REVOKE, ())],
)
def test_a_row_stays_and_holds_the_step(
    place: Path | str, table: str, sql: str, values: tuple[object, ...]
) -> None:
    database = engine.create_or_open(place)
    with database.write() as connection:
        registry.begin(connection, UID, 1, "x")
        connection.execute("INSERT INTO kiosks (number, name, issue, made_at_s) VALUES (1, 'K1', 1, 0)")
        connection.execute(sql, values)
    for change in (f"DELETE FROM {table}", f"UPDATE {table} SET at_s = 1"):
        with pytest.raises(breaches()), database.write() as connection:
            connection.execute(change)
    database.close()
    with pytest.raises(ValueError, match=table):
        migrate(place, "0006")
    assert tables(place) >= NEW


def test_an_act_is_of_two_persons(place: Path | str) -> None:
    database = engine.create_or_open(place)
    with pytest.raises(breaches()), database.write() as connection:
        connection.execute(ACT.replace("'b'", "'a'"))
    database.close()


def test_the_version_that_counts_is_the_last_confirmed(place: Path | str) -> None:
    database = engine.create_or_open(place)
    with database.write() as connection:
        card = registry.begin(connection, UID, 1, "x")
        for version, confirmed in ((2, 0), (2, 1), (3, 0)):
            connection.execute(MOVE, (UID, version, confirmed))
    with database.read() as connection:
        found = registry.find(connection, UID, 1)
        assert registry.present(connection) == [found]
    assert found is not None and (found.key_version, found.life_key_version) == (2, 1)
    assert (card.key_version, card.life_key_version) == (1, 1)
    database.close()
