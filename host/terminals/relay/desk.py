"""Cards that lie on a terminal's reader for a clerk: who looks for one names the reader terminal:NAME.

Such a session waits without a thread. Its terminal says every STILL_MS that the card is still there, by the
same request; a host that was started anew learns of the card that way. After an act that failed the session
is over, so that the next one begins with a card that was switched off and on, as on a reader of this machine.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from host.cards.in_use import InUse
from host.cards.readers import FOREIGN, NO_CARD, CardConnection, NoCard
from host.db.engine import Database
from host.terminals.fleet import kiosks
from host.terminals.relay.session import Asked, Session
from protocol.wire import online

ACT_MS = 45_000  # so long an act at the desk may take


class DeskCards:
    """sessions: by terminal, shared with the relay under its lock, changed."""

    def __init__(
        self, database: Database, in_use: InUse, sessions: dict[str, Session], changed: threading.Condition
    ) -> None:
        self._database, self._in_use = database, in_use
        self._sessions, self._changed = sessions, changed

    def lies_still(self, asked: Asked) -> bool:
        """Is this the request of a session that goes on? The caller holds the lock."""
        session, said = self._sessions.get(asked.kiosk.name), asked.values
        if session is None or not session.for_desk or session.gone:
            return False
        if (session.nonce, session.request) != (said["nonce"], said["request"]):
            return False
        if not session.held:
            session.stay(online.DESK_MS)
        return True

    @contextmanager
    def card(self, terminal: str, wait_s: float) -> Iterator[CardConnection]:
        """The card on this terminal's reader; waited for at most wait_s. NoCard, InUseError."""
        session = self._taken(terminal, wait_s)
        over = False
        try:
            if session.is_plain:
                raise NoCard(FOREIGN)
            with self._in_use.hold(session.uid):
                try:
                    yield session
                except BaseException:
                    over = True
                    raise
        finally:
            self._give_back(terminal, session, over or session.gone)

    def look(self, terminal: str, wait_s: float) -> bytes:
        """The UID that the reader tells of whatever card lies there. NoCard."""
        session = self._taken(terminal, wait_s)
        self._give_back(terminal, session, session.gone)
        return session.uid

    def lying(self) -> dict[str, dict[str, Any]]:
        """{terminal: {uid, chip: does it talk to us?, busy}} of the cards that lie there now."""
        with self._changed:
            there = [(name, one) for name, one in self._sessions.items() if one.for_desk and not one.gone]
            return {
                name: {"uid": one.uid.hex().upper(), "chip": not one.is_plain, "busy": one.held}
                for name, one in there
            }

    def _taken(self, terminal: str, wait_s: float) -> Session:
        """The session, held; one of an earlier hello, or of a terminal revoked since, counts as gone."""
        deadline_s = time.monotonic() + wait_s
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._free(terminal) is not None, max(0.0, deadline_s - time.monotonic())
                )
                session = self._free(terminal)
                if session is None:
                    raise NoCard(NO_CARD)
                session.held = True
                session.stay(ACT_MS)
            with self._database.read() as connection:
                row = kiosks.session_row(connection, session.kiosk.number)
            if row["nonce"] == session.nonce:
                return session
            session.leave()
            self._give_back(terminal, session, over=False)

    def _free(self, terminal: str) -> Session | None:
        session = self._sessions.get(terminal)
        if session is None or not session.for_desk or session.held or session.gone:
            return None
        return session

    def _give_back(self, terminal: str, session: Session, over: bool) -> None:
        with self._changed:
            session.held = False
            session.stay(online.DESK_MS)
            if over and self._sessions.get(terminal) is session:
                del self._sessions[terminal]
            self._changed.notify_all()
        if over:
            session.leave()
            session.decide(online.UNKNOWN, 0, 0, "again")
