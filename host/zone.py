"""The shop's time zone, by which its days begin and end and its pages tell the time: one for an installation
and all its processes, whatever machine they run on. Without it the machine's own (TZ)."""

import os
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from host.db.connection import Connection
from host.errors import HostError

SETTING = "time_zone"


def kept(connection: Connection) -> str:
    """Its name; "" for the machine's."""
    row = connection.execute("SELECT value FROM settings WHERE name = ?", (SETTING,)).fetchone()
    return "" if row is None else str(row["value"])


def keep(connection: Connection, name: str) -> None:
    """From the next start of the host on; "": the machine's. HostError for what is none."""
    if name:
        _known(name)
    connection.execute(
        "INSERT INTO settings (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (SETTING, name),
    )


def follow(name: str) -> None:
    """This process and those that it starts go by it; "": as they do. HostError."""
    if not name:
        return
    zone = _known(name)
    os.environ["TZ"] = name
    time.tzset()
    now = datetime.now(UTC)  # in winter London's clocks show what those of an unknown zone show
    year = [now + timedelta(days=days) for days in range(0, 366, 30)]
    if any(at.astimezone(zone).utcoffset() != at.astimezone().utcoffset() for at in year):
        raise HostError(f"This machine's C library does not know the time zone {name}: install tzdata.")


def in_force() -> tuple[str, str]:
    """(name, or "" for the machine's; how far ahead of UTC it is now: +08:00) of this process."""
    ahead = time.strftime("%z")
    return os.environ.get("TZ", ""), f"{ahead[:3]}:{ahead[3:]}"


def _known(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        sentence = f"{name[:40]!r} is no time zone that this machine knows: write it as Asia/Shanghai."
        raise HostError(sentence) from None
