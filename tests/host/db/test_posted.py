"""The state of a transaction is checked alike before and after the step that gives it a default."""

from pathlib import Path

import pytest

from host.db import engine
from host.db.connection import breaches
from tests.host.db.test_schema import fill, migrate

STATES = ("posted", "pending", "voided", "expired")
ENTER = (
    "INSERT INTO transactions (id, state, kind, who, happened_s, booked_s, link)"
    " SELECT (SELECT max(id) FROM transactions) + 1, ?, 'try', 'x', 0, 0, link FROM transactions WHERE id = 1"
)


def test_states_are_checked_before_and_after_the_step_that_gives_a_default(place: Path | str) -> None:
    fill(engine.create_or_open(place), points=0)
    open_before = engine.connect(place)
    assert open_before.execute("SELECT count(*) FROM transactions").fetchone()[0] == 1
    for version in ("0010", "0011", "0010", "head"):
        migrate(place, version)
        for connection in (open_before, engine.connect(place)):
            connection.execute("BEGIN")
            for state in STATES:
                connection.execute(ENTER, (state,))
            found = connection.execute("SELECT count(*) AS n FROM transactions").fetchone()
            connection.execute("ROLLBACK")
            assert found["n"] == 1 + len(STATES)
            for state in ("", "Posted", "gone", None):
                with pytest.raises(breaches()):
                    connection.execute(ENTER, (state,))
            if connection.dialect == "sqlite":
                assert [row[0] for row in connection.execute("PRAGMA integrity_check")] == ["ok"]
    open_before.execute(
        "INSERT INTO transactions (id, kind, who, happened_s, booked_s, link)"
        " SELECT 2, 'try', 'x', 0, 0, link FROM transactions WHERE id = 1"
    )
    newest = open_before.execute("SELECT state FROM transactions ORDER BY id DESC LIMIT 1").fetchone()
    assert newest["state"] == "posted"
