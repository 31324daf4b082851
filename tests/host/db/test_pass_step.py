"""The step that brings passes, notes and entries: nothing of them is lost going back."""

from pathlib import Path

import pytest

from host.cards import registry
from host.db import engine
from tests.host.db.test_kinds import UID, old_card
from tests.host.db.test_schema import migrate, tables

NEW = {"passes", "card_notes", "entries"}
ROWS = {
    "passes": (
        "INSERT INTO passes (uid, issue, visits, opens_min, closes_min, again_min, reference, reason, who,"
        " at_s) VALUES (?, 1, 3, 0, 0, 2, 'act:1', 'x', 'x', 0)"
    ),
    "card_notes": (
        "INSERT INTO card_notes (uid, issue, tier, birthday, who, at_s) VALUES (?, 1, 3, '', 'x', 0)"
    ),
    "entries": (
        "INSERT INTO entries (kiosk, epoch, counter, sha256, uid, reason, at_s)"
        " SELECT k.number, 1, 1, c.uid, c.uid, 'no_pass', 0 FROM kiosks k, cards c WHERE c.uid = ?"
    ),
}


@pytest.mark.parametrize("table", sorted(NEW))
def test_what_the_step_down_would_lose_stays(place: Path | str, table: str) -> None:
    engine.create_or_open(place).close()
    migrate(place, "0004")
    old_card(place)
    database = engine.create_or_open(place)
    migrate(place, "0017")
    assert not NEW & tables(place)
    migrate(place, "0026")
    with database.write() as connection:
        assert registry.newest(connection, UID) is not None
        connection.execute("INSERT INTO kiosks (name, issue, made_at_s) VALUES ('K1', 1, 0)")
        connection.execute(ROWS[table], (UID,))
    with pytest.raises(ValueError, match="passes, notes or entries"):
        migrate(place, "0017")
    with database.read() as connection:
        assert connection.execute(f"SELECT count(*) AS n FROM {table}").fetchone()["n"] == 1
    database.close()
