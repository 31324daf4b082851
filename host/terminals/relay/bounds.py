"""How often a terminal may ask: a stolen one can keep neither our threads nor a customer's card busy."""

from host import alarms
from host.db.engine import Database
from host.pace import Pace
from host.terminals.fleet.kiosks import Kiosk
from host.terminals.relay.session import Session

ASKS_MAX = 30  # requests of one terminal in SPAN_S
SPAN_S = 10.0
EMPTY_MAX = 5  # sessions that held a card up for nothing, with none done between; from there on one in SPAN_S


class Bounds:
    """By terminal, in memory. admit() is quick; the caller holds a lock."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asked: dict[str, Pace] = {}
        self._empty: dict[str, int] = {}

    def admit(self, kiosk: Kiosk) -> bool:
        """One more request: may it be served?"""
        most = 1 if self._empty.get(kiosk.name, 0) >= EMPTY_MAX else ASKS_MAX
        return self._asked.setdefault(kiosk.name, Pace(ASKS_MAX, SPAN_S)).admit(most)

    def served(self, kiosk: Kiosk, session: Session) -> None:
        """A session ended. For nothing, when no card ever answered what was sent to it, or the terminal let
        us wait; that nothing was sent says nothing."""
        if session.answered and session.done:
            self._empty.pop(kiosk.name, None)
        empty = session.silent or (session.step - session.told > 1 and not session.answered)
        if not empty:
            return
        count = self._empty[kiosk.name] = self._empty.get(kiosk.name, 0) + 1
        if count != EMPTY_MAX:
            return
        sentence = f"{kiosk.name} asked {count} times for cards that were not there, or did not answer."
        with self._database.write() as connection:
            alarms.raise_once(connection, "relay-no-card", kiosk.name, sentence)
