"""Waiting for kiosks to know what the host knows, as a shop does without thinking of it."""

import time
from collections.abc import Mapping

from simulator.host import HostProcess
from simulator.unit import KioskUnit

PARTS = ("config", "hotlist", "allowed", "waiting")  # what the host tells every kiosk
PATIENCE_S = 3.0


def untold(host: HostProcess, kiosks: Mapping[str, KioskUnit]) -> str | None:
    """What a kiosk that can be reached does not know yet; HostDown, HostRefusal."""
    for row in host.get("/kiosks"):
        unit = kiosks.get(str(row["name"]))
        if unit is None or not (unit.powered and unit.online and row["connected"]):
            continue
        for part in PARTS:
            newest, confirmed = row[part]["newest"], row[part]["confirmed"]
            if newest != confirmed:
                return f"{unit.name}: newest {part} is {newest}, confirmed is {confirmed}"
    return None


def wait(host: HostProcess, kiosks: Mapping[str, KioskUnit], patience_s: float = PATIENCE_S) -> None:
    """Until they know all, or patience ends: as long as a clerk needs to hand out a card. A network that is
    cut after that finds them in the know."""
    deadline = time.monotonic() + patience_s
    while untold(host, kiosks) is not None and time.monotonic() < deadline:
        time.sleep(0.01)
