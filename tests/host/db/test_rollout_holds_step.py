"""The step that tells a kiosk's lives apart in a roll-out: rows of before are of the life of their time."""

from pathlib import Path

import pytest

from host.db import engine
from tests.host.db.test_schema import migrate

BEFORE = (
    "INSERT INTO kiosks (name, issue, made_at_s) VALUES ('K1', 2, 0)",
    "INSERT INTO kiosk_revocations (kiosk, issue, reason, who, at_s) VALUES (1, 1, 'stolen', 'x', 50)",
    "INSERT INTO firmware_images (version, content, who, at_s) VALUES (1, ?, 'x', 0)",
    "INSERT INTO rollouts (version, after, soak_s, silent_s, who, at_s) VALUES (1, 0, 1, 1, 'x', 0)",
    "INSERT INTO rollouts (version, after, soak_s, silent_s, who, at_s) VALUES (1, 1, 1, 1, 'x', 60)",
    "INSERT INTO rollout_kiosks (rollout, kiosk, stage, at_s) VALUES (1, 1, 0, 10), (2, 1, 2, 70)",
    "INSERT INTO rollout_words (rollout, kiosk, state, reason, at_s) VALUES (1, 1, 3, '', 20)",
)


def rows(database: engine.Database, sql: str) -> list[tuple[object, ...]]:
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(sql)]


def test_rows_of_before_belong_to_the_life_of_their_time(place: Path | str) -> None:
    database = engine.create_or_open(place)
    migrate(place, "0025")
    with database.write() as connection:
        for sql in BEFORE:
            connection.execute(sql, (b"image",) * sql.count("?"))
    migrate(place, "head")
    assert rows(database, "SELECT rollout, kiosk, issue, stage FROM rollout_kiosks ORDER BY rollout") == [
        (1, 1, 1, 0),
        (2, 1, 2, 2),
    ]
    assert rows(database, "SELECT issue, state, at_s FROM rollout_words") == [(1, 3, 20)]
    assert rows(database, "SELECT DISTINCT absent_s FROM rollouts") == [(86400,)]
    for table in ("rollout_kiosks", "rollout_words"):
        with pytest.raises(Exception, match="append-only"), database.write() as connection:
            connection.execute(f"DELETE FROM {table}")
    with pytest.raises(ValueError, match="registered anew"):
        migrate(place, "0025")
    database.close()


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("INSERT INTO rollout_holds VALUES (1, 1, 'x', 'x', 0)", "held back"),
        (
            "INSERT INTO rollouts (version, after, soak_s, silent_s, absent_s, who, at_s)"
            " VALUES (1, 1, 1, 1, 3600, 'x', 0)",
            "time of their own",
        ),
        ("SELECT 1", ""),
    ],
)
def test_going_back_keeps_the_rows_and_loses_nothing_more(place: Path | str, row: str, why: str) -> None:
    database = engine.create_or_open(place)
    migrate(place, "0025")
    with database.write() as connection:
        for sql in (BEFORE[0], *BEFORE[2:4]):
            connection.execute(sql, (b"image",) * sql.count("?"))
        connection.execute(BEFORE[-1])
    migrate(place, "head")
    with database.write() as connection:
        connection.execute(row)
    if why:
        with pytest.raises(ValueError, match=why):
            migrate(place, "0025")
    else:
        migrate(place, "0025")
        assert rows(database, "SELECT state, at_s FROM rollout_words") == [(3, 20)]
        with pytest.raises(Exception, match="append-only"), database.write() as connection:
            connection.execute("DELETE FROM rollout_words")
    database.close()
