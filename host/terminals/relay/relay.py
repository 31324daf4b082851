"""The relay: what terminals ask while a card lies there, and the sessions in which we talk to that card.

docs/relay.md. Requests and answers come on topics of their own, without the broker keeping them (QoS 0): what
is late is worth nothing. take() is called by the MQTT client's thread and only sorts; a few threads of our
own run the sessions, one a terminal and one a card. Nothing here is kept: a host that is killed leaves in the
books what was planned, and the card settles it at its next contact.
"""

import threading
from collections import deque
from collections.abc import Callable

import structlog

from host.cards.in_use import InUse, InUseError
from host.db.connection import faults
from host.db.engine import Database
from host.terminals.fleet.kiosks import READER, Kiosks
from host.terminals.line.traffic import Down
from host.terminals.relay.bounds import Bounds
from host.terminals.relay.desk import DeskCards
from host.terminals.relay.session import Asked, Session
from host.terminals.relay.turns import Turns
from host.terminals.reported.rejections import Rejections
from protocol.wire import envelope, messages, online, topics

THREADS = 8  # customers who are served at the same time
REQUESTS_KEPT = 64  # of a terminal: none of them is served again
REFUSED = "relay"  # among the rejections: what came too late, or was not asked for
_log = structlog.get_logger()


Serve = Callable[[Asked, Session], None]  # by what is asked; its last act is a decision


class Relay:
    """serve: {PAY or COLLECT: what does it}; send(down) publishes."""

    def __init__(
        self,
        database: Database,
        kiosks: Kiosks,
        in_use: InUse,
        serve: dict[int, Serve],
        send: Callable[[list[Down]], None],
        rejections: Rejections,
    ) -> None:
        self._database, self._kiosks, self._in_use = database, kiosks, in_use
        self._serve, self._send, self._rejections = serve, send, rejections
        self._turns = Turns()
        self._sessions: dict[str, Session] = {}  # by terminal
        self._seen: dict[str, deque[bytes]] = {}  # requests, by terminal
        self._changed = threading.Condition()
        self.desk = DeskCards(database, in_use, self._sessions, self._changed)
        self._bounds = Bounds(database)
        self._threads = [threading.Thread(target=self._run, name=f"relay {n}") for n in range(THREADS)]

    def start(self) -> None:
        """Begin to serve."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Serve nobody new; cards that are being talked to count as gone."""
        with self._changed:
            sessions = list(self._sessions.values())
        for session in sessions:
            session.leave()
        self._turns.stop()
        for thread in self._threads:
            thread.join()

    def take(self, topic: str, payload: bytes) -> None:
        """A message of a terminal. Waits for nothing; what does not count is only counted."""
        name = topics.kiosk_of(topic)
        kiosk = None if name is None else self._kiosks.in_memory(name)
        if kiosk is None:
            return self._refuse("unknown", topic, payload, "no kiosk of this name")
        try:
            (epoch, counter), kind, body = envelope.open_(kiosk.up_key, messages.UP, kiosk.name, payload)
        except envelope.EnvelopeError as error:
            return self._refuse(error.code, topic, payload, str(error))
        said = messages.fields(kind, body)
        if kind == online.ANSWER:
            with self._changed:
                session = self._sessions.get(kiosk.name)
            why = "no session" if session is None else session.answer(said)
        elif kind == online.ASK:
            why = self._ask(Asked(kiosk, epoch, counter, said))
        else:
            why = "belongs on the topic up"
        return self._refuse(REFUSED, topic, payload, why) if why else None

    def _refuse(self, code: str, topic: str, payload: bytes, why: str) -> None:
        self._rejections.add(code, topic, len(payload), why)

    def _ask(self, asked: Asked) -> str:
        """Put it in the queue; why not, '' when it is there."""
        name, request = asked.kiosk.name, asked.values["request"]
        for_desk = asked.values["wants"] == online.DESK
        if asked.kiosk.kind == READER and not for_desk:
            return "a desk reader asks for a clerk alone"
        with self._changed:
            if for_desk and self.desk.lies_still(asked):
                return ""
            seen = self._seen.setdefault(name, deque(maxlen=REQUESTS_KEPT))
            if request in seen and not for_desk:
                return "asked before"
            if not self._bounds.admit(asked.kiosk):
                return "asked too often"
            seen.append(request)
            former = self._sessions.get(name)
        if former is not None:
            former.leave()  # a terminal that asks anew has ended what it asked before
        return self._turns.put(asked)

    def _run(self) -> None:
        while (asked := self._turns.take()) is not None:
            try:
                self._session(asked)
            except faults() as error:
                _log.error("a request of a terminal could not be served", fault=str(error))
            except Exception:  # a fault of ours: the terminal hears nothing, and takes nothing
                _log.exception("a request of a terminal could not be served", kiosk=asked.kiosk.name)
            finally:
                self._turns.done(asked)

    def _session(self, asked: Asked) -> None:
        session = self._opened(asked)
        if session is None:
            self._rejections.add(REFUSED, topics.relay(asked.kiosk.name), 0, "of another hello")
            return
        name = asked.kiosk.name
        with self._changed:
            if not self._changed.wait_for(lambda: self._is_free(name), online.STEP_MS / 1000):
                return session.decide(online.REFUSED, 0, 0, "busy")
            self._sessions[name] = session
            self._changed.notify_all()
        if session.for_desk:  # it lies there until a clerk wants it: no thread of ours waits with it
            return None
        try:
            with self._in_use.hold(session.uid):
                self._serve[asked.values["wants"]](asked, session)
            self._bounds.served(asked.kiosk, session)
        except InUseError:
            session.decide(online.REFUSED, 0, 0, "busy")
        finally:
            with self._changed:
                del self._sessions[name]
                self._changed.notify_all()
        return None

    def _is_free(self, terminal: str) -> bool:
        """A card that only lies there makes room for the next; what is being served does not."""
        session = self._sessions.get(terminal)
        return session is None or (session.for_desk and not session.held)

    def _opened(self, asked: Asked) -> Session | None:
        """A session with a number of its own; None when the kiosk has said hello anew since, or too often."""
        with self._database.write() as connection:
            row = connection.execute(
                "UPDATE kiosk_sessions SET relay_session = relay_session + 1"
                " WHERE kiosk = ? AND nonce = ? AND relay_session < ? AND EXISTS (SELECT 1 FROM kiosks k"
                " WHERE k.number = ? AND k.issue = ?) RETURNING relay_session",
                (
                    *(asked.kiosk.number, asked.values["nonce"], online.SESSIONS_MAX),
                    *(asked.kiosk.number, asked.kiosk.issue),
                ),
            ).fetchone()
        if row is None:
            return None
        lasts_ms = online.DESK_MS if asked.values["wants"] == online.DESK else online.SESSION_MS
        nonce = asked.values["nonce"]
        return Session(asked.kiosk, nonce, row["relay_session"], asked.values, self._send, lasts_ms)
