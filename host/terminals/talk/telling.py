"""What goes down to the kiosks after a batch. What cannot be made for one spoils nothing for the others."""

import structlog

from host import alarms
from host.cards import allow_list
from host.cards.keeper import Keeper
from host.db.connection import Connection
from host.terminals.fleet.kiosks import Kiosk
from host.terminals.line.traffic import Down
from host.terminals.reported import acks
from host.terminals.reported.faults import is_the_messages
from host.terminals.reported.senders import Sender
from host.terminals.reported.standing import Standing
from host.terminals.talk import news

_log = structlog.get_logger()
What = tuple[str, str]  # kiosk, what it should be told


class Telling:
    """Raises one alarm for a kiosk that cannot be told something, not one a batch."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._mute: set[What] = set()  # of these an alarm was raised
        self._told: dict[What, bool] = {}  # could it be made?
        self._looked_up = news.LookedUp()

    def begin(self) -> None:
        """A batch begins, or begins again."""
        self._told = {}
        self._looked_up = news.LookedUp()

    def acknowledge(self, connection: Connection, decided: list[Sender], standing: Standing) -> list[Down]:
        """Verdicts, and what the books hold by now."""
        if not decided:
            return []
        down, failed = acks.acks(connection, decided, standing)
        if failed or self._mute:
            for one in decided:
                self._note(connection, one.kiosk, "acks", failed.get(one.kiosk))
        return down

    def follow(self, connection: Connection) -> None:
        """Bring the allow-list up to what happened to cards. A fault of ours leaves it as it was."""
        try:
            with connection.savepoint():
                allow_list.follow(connection, self._keeper)
        except Exception as error:
            if not is_the_messages(error):
                raise
            _log.exception("the allow-list could not follow the cards")

    def news(self, connection: Connection, kiosk: Kiosk) -> list[Down]:
        """Configuration and hotlist, where the kiosk has not confirmed the newest."""
        down: list[Down] = []
        fault = None
        try:
            with connection.savepoint():
                down = news.news(connection, self._keeper, kiosk, self._looked_up)
        except Exception as error:
            if not is_the_messages(error):
                raise
            fault = error
        self._note(connection, kiosk, "news", fault)
        return down

    def committed(self) -> None:
        """The batch is in the books: an alarm that is rolled back was not raised."""
        for what, sent in self._told.items():
            if sent:
                self._mute.discard(what)
            else:
                self._mute.add(what)

    def _note(self, connection: Connection, kiosk: Kiosk, what: str, fault: Exception | None) -> None:
        key = (kiosk.name, what)
        if fault is not None and key not in self._mute and self._told.get(key, True):
            _log.error("a message to a kiosk could not be made", kiosk=kiosk.name, exc_info=fault)
            why = type(fault).__name__
            sentence = f"{kiosk.name} cannot be told what it should know ({why}); see the log."
            alarms.raise_(connection, "unsendable", kiosk.name, sentence)
        self._told[key] = self._told.get(key, True) and fault is None
