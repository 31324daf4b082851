"""Waiting for kiosks to know what the host knows, as a shop does without thinking of it."""

import time
from collections.abc import Mapping

from simulator.host import HostProcess
from simulator.unit import KioskUnit

PATIENCE_S = 3.0


def of_cards(host: HostProcess, kiosks: Mapping[str, KioskUnit], patience_s: float = PATIENCE_S) -> None:
    """Until the connected kiosks hold the newest allow-list, as long as a clerk needs to hand out a card: a
    network that is cut after that finds them in the know."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        rows = [row for row in host.get("/kiosks") if row["connected"]]
        waiting = [row for row in rows if row["allowed"]["newest"] != row["allowed"]["confirmed"]]
        units = [kiosks.get(str(row["name"])) for row in waiting]
        if not any(unit is not None and unit.powered and unit.online for unit in units):
            return
        time.sleep(0.01)
