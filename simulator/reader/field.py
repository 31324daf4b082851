"""The radio field of a reader: which cards are in it, and the frames between reader and card.

People and scripts place and take cards while a reader talks to them, so any thread may call any method.
Listeners hear (kind, detail): "placed" and "removed" with the UID in hex, "gone" with the pull point or
"torn" when a card left by itself. They run on the thread that caused the event, after the field's lock is
free; they may place or remove cards but must not wait for the reader.
"""

import time
from collections.abc import Callable
from threading import Condition, RLock

from simulator.card.contactless import ContactlessCard
from simulator.reader.faults import AirFaults

Listener = Callable[[str, str], None]
# Hears each frame to a card and what came back: bytes, None for silence, Damaged.
AirListener = Callable[[ContactlessCard, bytes, "bytes | type[Damaged] | None"], None]


class Damaged(Exception):
    """Something answered, and its CRC is wrong."""


class Field:
    """Room for at most `slots` cards."""

    def __init__(self, slots: int = 2) -> None:
        self._slots = slots
        self._cards: list[ContactlessCard] = []
        self._changed = Condition(RLock())
        self._listeners: list[Listener] = []
        self._events: list[tuple[str, str]] = []
        self.on_event: Listener | None = None
        self.frame_listeners: list[AirListener] = []
        self.faults = AirFaults()

    @property
    def card(self) -> ContactlessCard | None:
        """The card that has been there longest."""
        with self._changed:
            return self._cards[0] if self._cards else None

    @property
    def cards(self) -> tuple[ContactlessCard, ...]:
        with self._changed:
            return tuple(self._cards)

    def subscribe(self, listener: Listener) -> None:
        """For readers; a script sets `on_event`."""
        with self._changed:
            self._listeners.append(listener)

    def unsubscribe(self, listener: Listener) -> None:
        with self._changed:
            self._listeners.remove(listener)

    def place(self, card: ContactlessCard) -> None:
        """Raises ValueError when the card is in a field already or this one is full."""
        with self._changed:
            if card.in_field:
                raise ValueError(f"card {card.uid.hex()} is in a field already: remove it there first")
            if len(self._cards) >= self._slots:
                raise ValueError(f"the field holds {self._slots} cards: remove one first")
            self._cards.append(card)
            card.on_gone = lambda why: self._gone(card, why)
            self._events.append(("placed", card.uid.hex()))
            card.enter_field()
            self._changed.notify_all()
        self._tell()

    def remove(self, card: ContactlessCard | None = None) -> None:
        """Takes one card away, or all of them; a card that left by itself is no error."""
        with self._changed:
            for taken in [c for c in self._cards if card is None or c is card]:
                self._cards.remove(taken)
                taken.leave_field()
                taken.on_gone = None
                self._events.append(("removed", taken.uid.hex()))
            self._changed.notify_all()
        self._tell()

    def wait_removed(self, timeout_s: float) -> bool:
        """Whether the field is empty within this time."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while self._cards:
                if not self._changed.wait(max(0.0, deadline - time.monotonic())) and self._cards:
                    return False
            return True

    def activate(self, card: ContactlessCard) -> bool:
        """Selects a card (ISO 14443-3), and any other of its UID; False when it is not there any more."""
        with self._changed:
            for same in self.of_uid(card):
                same.activate()
            there = card in self._cards
        self._tell()
        return there

    def of_uid(self, card: ContactlessCard) -> list[ContactlessCard]:
        """Who answers when this card is meant: also a copy of it, as a reader cannot tell them apart."""
        with self._changed:
            kin = (c for c in self._cards if (c.technology, c.rf_uid) == (card.technology, card.rf_uid))
            return list(kin) if card in self._cards else []

    def power_off(self) -> None:
        """The reader switched its field off: cards forget their sessions but stay where they are."""
        with self._changed:
            for card in self.cards:
                card.leave_field()
                card.enter_field()
        self._tell()

    def transceive(self, card: ContactlessCard, frame: bytes) -> bytes | None:
        """One frame to a card, without CRC; None is silence. Raises Damaged.

        Two cards of one UID answer together: what they say alike is heard, all else is noise.
        """
        with self._changed:
            heard = () if self.faults.request_lost() else self.of_uid(card)
            answers = {answer for c in heard if (answer := c.rf_frame(frame)) is not None}
            lost = self.faults.answer_lost()
            answer = None if lost or not answers else answers.pop()
            damaged = answer is not None and (bool(answers) or self.faults.answer_damaged())
        for listener in self.frame_listeners:
            listener(card, frame, Damaged if damaged else answer)
        self._tell()
        if damaged:
            raise Damaged
        return answer

    def exchange(self, card: ContactlessCard, apdu: bytes) -> bytes | None:
        """One APDU to a card, for readers that hide the frames; None is silence.

        The reader calls `delivered` when it has passed the answer on, as a card may leave at that moment.
        """
        with self._changed:
            answer = card.exchange(apdu) if card in self._cards else None
        self._tell()
        return answer

    def delivered(self, card: ContactlessCard) -> None:
        """The answer of `exchange` is with whoever asked."""
        with self._changed:
            if card in self._cards:
                card.delivered()
        self._tell()

    def _gone(self, card: ContactlessCard, why: str) -> None:
        """Called by a card from within one of the methods above, so under the lock."""
        self._cards.remove(card)
        card.on_gone = None
        self._events.append(("gone", why))
        self._changed.notify_all()

    def _tell(self) -> None:
        with self._changed:
            events, self._events = self._events, []
            listeners = [*self._listeners, self.on_event] if self.on_event else [*self._listeners]
        for kind, detail in events:
            for listener in listeners:
                listener(kind, detail)
