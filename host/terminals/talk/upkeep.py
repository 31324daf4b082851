"""What is looked after though nobody asks: kiosks without the newest lists, what they should be told, an
update that goes on or has to stop, stays that nobody ended."""

import threading
from collections.abc import Callable

import structlog

from host import alarms
from host.cards import late_stays
from host.db.connection import Connection, faults
from host.db.engine import Database
from host.terminals.fleet import exposure
from host.terminals.updates import rollouts

EVERY_S = 600.0
_log = structlog.get_logger()


class Upkeep:
    """A thread of its own; push() tells kiosks what they have not confirmed."""

    def __init__(self, database: Database, push: Callable[[], None], every_s: float = EVERY_S) -> None:
        self._database, self._push, self._every_s = database, push, every_s
        self._told: set[str] = set()  # kiosks of which an alarm was raised
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Return when nothing is done any more."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            self._push()
            try:
                with self._database.write() as connection:
                    told = self.look(connection)
                    rollouts.carry_on(connection)
                late_stays.close(self._database)
            except faults() as error:
                _log.error("stale kiosks, updates and late stays could not be looked after", fault=str(error))
            else:
                self._told = told

    def look(self, connection: Connection) -> set[str]:
        """Alarm for kiosks that have become stale -> all that are, for the caller to remember."""
        found = dict(exposure.stale(connection))
        for name in sorted(set(found) - self._told):
            sentence = (
                f"{name} has not had the newest lists of cards for so long that it sells nothing offline: "
                "see to its network."
            )
            alarms.raise_(connection, "kiosk-stale", name, sentence)
        return set(found)
