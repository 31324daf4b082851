"""What kiosks say went wrong with them: why one started again, and which part it goes on without.

A kiosk tells until it hears that it is noted. Only an authentic kiosk gets here, but one that is broken may
tell without end, so what is kept of one in a day is bounded.
"""

from typing import Any

from host import alarms, clock
from host.db.connection import Connection
from host.terminals.fleet import kiosks
from host.terminals.fleet.kiosks import Kiosk
from protocol.wire import faults

DAY_S = 86_400
DAILY_MAX = 100  # kept of one kiosk
ALARM = "kiosk-fault"


def note(connection: Connection, kiosk: Kiosk, said: dict[str, Any]) -> bool:
    """Keep what a fault message says, once. False: it is of no present session, nobody is to be told."""
    if kiosks.session_row(connection, kiosk.number)["nonce"] != said["nonce"]:
        return False
    now_s = clock.now_s()
    recent = connection.execute(
        "SELECT count(*) AS n FROM kiosk_faults WHERE kiosk = ? AND received_s > ?",
        (kiosk.number, now_s - DAY_S),
    ).fetchone()
    if recent["n"] < DAILY_MAX:
        names = ("fault", "source", "cause", "count", "uptime_s", "happened_s", "firmware")
        fresh = connection.execute(
            "INSERT INTO kiosk_faults (kiosk, received_s, fault, source, cause, count, uptime_s, happened_s,"
            " firmware) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (kiosk.number, now_s, *(said[name] for name in names)),
        ).rowcount
        if fresh:
            alarms.raise_once(connection, ALARM, kiosk.name, sentence(kiosk.name, said))
    return True


def sentence(name: str, said: dict[str, Any]) -> str:
    """For a person: which kiosk, what, how often."""
    after = f"after {said['uptime_s']} s, firmware {said['firmware']}"
    if said["source"] != faults.RESTART:
        return f"{name} goes on without a part that failed: {said['source']}: {said['cause']} ({after})."
    often = "once" if said["count"] == 1 else f"{said['count']} times in a row"
    return f"{name} started again by itself, {often}: {said['cause']} ({after})."


def newest(connection: Connection, kiosk_no: int) -> dict[str, Any] | None:
    """{source, cause, count, uptime_s, happened, at, firmware} of the last one, None when there was none."""
    row = connection.execute(
        "SELECT source, cause, count, uptime_s, happened_s AS happened, received_s AS at, firmware"
        " FROM kiosk_faults WHERE kiosk = ? ORDER BY id DESC LIMIT 1",
        (kiosk_no,),
    ).fetchone()
    return None if row is None else {key: row[key] for key in row.keys()}  # noqa: SIM118 a row is no mapping
