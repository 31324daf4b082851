"""Kiosks that a person leaves out of the roll-out that goes on: they are offered nothing and nobody waits for
them, whatever they said of it so far. The next roll-out, of the same version too, has them in again."""

from typing import NamedTuple

from host import clock
from host.db.connection import Connection
from host.errors import Refused
from host.terminals.fleet import kiosks
from host.terminals.updates import newest
from protocol.wire import image_file


class Hold(NamedTuple):
    """Which kiosk, who said so, why, and when."""

    name: str
    who: str
    reason: str
    at_s: int


def hold(connection: Connection, name: str, reason: str, who: str) -> tuple[int, bool]:
    """Leave it out -> the version, and False when it was already: who and why stay as first told. Refused 404
    for no kiosk, 409 when nothing is rolled out or the kiosk has it."""
    kiosks.must_be(connection, name)
    running = newest.current(connection)
    if running is None:
        raise Refused(409, "no-rollout", "No update is being rolled out.")
    sql = "SELECT k.number, s.runs FROM kiosks k JOIN kiosk_sessions s ON s.kiosk = k.number WHERE k.name = ?"
    number, runs = connection.execute(sql, (name,)).fetchone()
    if runs >= running.version:
        raise Refused(409, "has-update", f"{name} runs that version already: nothing is left to hold back.")
    inserted = connection.execute(
        "INSERT INTO rollout_holds (rollout, kiosk, reason, who, at_s) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (running.id, number, reason, who, clock.now_s()),
    ).rowcount
    return running.version, bool(inserted)


def numbers(connection: Connection, rollout: int) -> frozenset[int]:
    """Of the kiosks that are left out of it."""
    rows = connection.execute("SELECT kiosk FROM rollout_holds WHERE rollout = ?", (rollout,))
    return frozenset(row[0] for row in rows)


def holds(connection: Connection, rollout: int) -> list[Hold]:
    """All of a roll-out, by name."""
    rows = connection.execute(
        "SELECT k.name, h.who, h.reason, h.at_s FROM rollout_holds h JOIN kiosks k ON k.number = h.kiosk"
        " WHERE h.rollout = ? ORDER BY k.name",
        (rollout,),
    )
    return [Hold(*row) for row in rows]


class Standing(NamedTuple):
    """Where a kiosk stands in the roll-out that goes on. version: as people write it."""

    version: str
    has_it: bool
    hold: Hold | None


def standing(connection: Connection, number: int, name: str) -> Standing | None:
    """None while nothing is rolled out."""
    running = newest.current(connection)
    if running is None:
        return None
    has_it = bool(kiosks.session_row(connection, number)["runs"] >= running.version)
    own = next((one for one in holds(connection, running.id) if one.name == name), None)
    return Standing(image_file.text(running.version), has_it, own)
