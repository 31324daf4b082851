"""The step that brings passes of minutes: passes of before hold visits, and no stay is lost going back."""

from pathlib import Path

import pytest

from host.cards import passes
from host.db import engine
from tests.host.db.test_kinds import UID, old_card
from tests.host.db.test_pass_step import ROWS
from tests.host.db.test_schema import migrate, tables

NEW = {"stays", "stay_steps", "stay_taps"}
ENTERED = (
    "INSERT INTO entries (kiosk, epoch, counter, sha256, uid, pass_id, reason, visits_left, at_s)"
    " SELECT k.number, 1, 1, p.uid, p.uid, p.id, '', 2, 0 FROM kiosks k, passes p"
)
HOURS = (
    "INSERT INTO passes (uid, issue, amount, unit, stay_min, opens_min, closes_min, again_min, reference,"
    " reason, who, at_s) VALUES (?, 1, 600, 'minutes', 720, 0, 0, 0, 'act:2', 'x', 'x', 0)"
)


def test_passes_of_before_hold_visits_and_stays_are_not_lost(place: Path | str) -> None:
    engine.create_or_open(place).close()
    migrate(place, "0004")
    old_card(place)
    engine.create_or_open(place).close()
    database = engine.create_or_open(place)
    migrate(place, "0026")
    assert not NEW & tables(place)
    with database.write() as connection:
        connection.execute("INSERT INTO kiosks (name, issue, made_at_s) VALUES ('K1', 1, 0)")
        connection.execute(ROWS["passes"], (UID,))
        connection.execute(ENTERED)
    for _ in range(2):  # up, and up again after a step down
        migrate(place, "head")
        with database.read() as connection:
            (one,) = passes.of_card(connection, UID, 1)
            assert (one.amount, one.unit, one.stay_min) == (3, passes.VISITS, 0)
            assert connection.tuples("SELECT amount_left FROM entries", ()) == [(2,)]
        migrate(place, "0026")
        with database.read() as connection:
            assert connection.tuples("SELECT visits FROM passes", ()) == [(3,)]
            assert connection.tuples("SELECT visits_left FROM entries", ()) == [(2,)]
        assert not NEW & tables(place)
    migrate(place, "head")
    with database.write() as connection:
        connection.execute(HOURS, (UID,))
        connection.execute("INSERT INTO stays (pass_id, at_s) SELECT max(id), 0 FROM passes")
    with pytest.raises(ValueError, match="passes of minutes"):
        migrate(place, "0026")
    with database.read() as connection:
        assert len(passes.of_card(connection, UID, 1)) == 2
        assert connection.tuples("SELECT count(*) FROM stays", ()) == [(1,)]
    with pytest.raises(Exception, match="append-only"), database.write() as connection:
        connection.execute("UPDATE stays SET at_s = 1")
    database.close()
