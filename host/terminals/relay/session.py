"""One session with a card at a terminal: every service that works on a desk reader works on it.

A step is one APDU down and its answer up. Only the answer to the step that is open counts, from the terminal
that was asked, with the nonce of its present hello; all else is refused and changes nothing. What no answer
comes for in time counts as a card that is gone, which is what a service knows best how to live with.
"""

import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from host.cards.readers import CardConnection, CardGone
from host.terminals.fleet.kiosks import Kiosk
from host.terminals.line.traffic import Down
from host.terminals.reported.acks import sealed
from protocol.wire import greeting, kinds, online


class Asked(NamedTuple):
    """A request that was opened; number: of its report, (0, 0) where there will be none."""

    kiosk: Kiosk
    epoch: int
    counter: int
    values: dict[str, Any]


class Session(CardConnection):
    """Used by one thread; answer() and leave() are called by others. send(down) publishes."""

    def __init__(
        self,
        kiosk: Kiosk,
        nonce: bytes,
        number: int,
        asked: dict[str, Any],
        send: Callable[[list[Down]], None],
        lasts_ms: int = online.SESSION_MS,
    ) -> None:
        self.uid = asked["uid"]
        self.kiosk, self.nonce, self.number, self.request = kiosk, nonce, number, asked["request"]
        self.step = self.told = 0  # told: of the steps, those that asked nothing of the card
        self.for_desk = asked["wants"] == online.DESK
        self.is_plain = asked["card"] == online.PLAIN
        self.held = False  # by a clerk
        self.answered = False  # did the card ever answer?
        self.silent = False  # was a step never answered, not even by a word that the card is gone?
        self.done = False  # was it decided, and what was asked done?
        self._send = send
        self.stay(lasts_ms)
        self._changed = threading.Condition()
        self._answer: bytes | None = None
        self._open = self._gone = False

    @property
    def gone(self) -> bool:
        """The card left, or its time is over."""
        return self._gone or time.monotonic() > self._deadline_s

    def send_and_receive(self, apdu: bytes) -> bytes:
        """One step. CardGone also when no answer comes within STEP_MS, or the session's time is over."""
        if not kinds.is_bytes(apdu, kinds.FRAME_MIN, kinds.FRAME_MAX):
            raise ValueError(f"no APDU of {len(apdu)} bytes goes through the relay")
        with self._changed:
            if self.gone or self.step >= online.STEPS_MAX - 1:
                raise CardGone
            self.step += 1
            self._answer, self._open = None, True
        self._send([self._sealed(online.RELAY, session=self.number, step=self.step, apdus=[apdu])])
        with self._changed:
            wait_s = min(online.STEP_MS / 1000, max(0.0, self._deadline_s - time.monotonic()))
            self._changed.wait_for(lambda: self._answer is not None or self._gone, wait_s)
            self._open = False
            if self._answer is None:
                self.silent = not self._gone
                self._gone = True  # what it says from now on is too late
                raise CardGone
            self.answered = True
            return self._answer

    def answer(self, said: dict[str, Any]) -> str:
        """What the terminal says of a step; why it does not count, '' when it does."""
        with self._changed:
            if said["nonce"] != self.nonce:
                return "of another hello"
            if (said["session"], said["step"]) == (0, 0) and said["gone"]:
                self.leave()
                return ""
            if (said["session"], said["step"]) != (self.number, self.step):
                return "of another step"
            if not self._open or self._answer is not None:
                return "of a step that is over"
            if len(said["answers"]) > 1:
                return "more answers than APDUs"
            if said["answers"]:
                self._answer = said["answers"][0]
            self._gone = self._gone or bool(said["gone"]) or not said["answers"]
            self._changed.notify_all()
            return ""

    def stay(self, lasts_ms: int) -> None:
        """Its time is over so long from now."""
        self._deadline_s = time.monotonic() + lasts_ms / 1000

    def leave(self) -> None:
        """The card is gone, or its terminal has begun anew."""
        with self._changed:
            self._gone = True
            self._changed.notify_all()

    def decide(self, code: int, amount_fen: int, balance_fen: int, reason: str = "", **more: Any) -> None:
        """The last word to the request; more: fields of the message that may be absent."""
        self.step += 1
        self.done = code == online.DONE
        said = {"code": code, "amount_fen": amount_fen, "balance_fen": balance_fen, "reason": reason} | more
        self._send([self._sealed(online.DECISION, **said)])

    def tell(self, rows: list[list[int]]) -> None:
        """The last movements, before the decision: [time_s, amount_fen] each."""
        self.step += 1
        self.told += 1
        self._send([self._sealed(greeting.MOVES, rows=rows)])

    def _sealed(self, kind: int, **values: Any) -> Down:
        sequence = online.number(self.number, self.step)
        return sealed(self.kiosk, kind, self.nonce, sequence, {"request": self.request, **values})
