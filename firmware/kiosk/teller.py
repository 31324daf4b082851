"""Serves one customer after the other: runs the session machine over reader, journal, front and link."""

import asyncio

from drivers.pn532 import ReaderFault
from hal import duty, ticks
from kiosk.amount import choose
from kiosk.closed import between, why
from kiosk.presence import Presence
from kiosk.session import step
from protocol.wire import online

POLL_MS = 20
FAULTS_MS = 10_000  # faults of the reader that follow one another so closely are one trouble
CHOSEN_MS = 60_000  # a customer who chose and then has no card
SERVING = ("CARD_AUTH", "ASK", "COMMIT", "VERDICT")


class Teller:
    """The task nfc: reader and card. clock() gives seconds since 1970."""

    def __init__(self, reader, journal, settings, link, front, store, clock, number) -> None:  # type: ignore[no-untyped-def]
        self.reader, self.journal, self.settings, self.link = reader, journal, settings, link
        self.store = store
        self.front, self.clock, self.number = front, clock, number
        self.state = "BOOT"
        self.presence = Presence(reader, journal.last_uid)
        self.purse = None  # the card, opened for a sale
        self.sale: dict = {}
        self.sale_number, self.already = (0, 0), False
        self.reason, self.price_fen, self.collected_fen = "", 0, 0
        self.fixed = True  # nobody chose the amount: it may be had again by the next card
        self.label = ""  # of what was chosen
        self.card = online.PURSE  # what the card looks like
        self.shown_fen: int | None = None
        self.looked, self.open = -1, True  # at the hours of the shop
        self.retries = self.faults = 0  # tries of a reader that is out; faults of one that is in, and when:
        self.fault_at = ticks.now()
        self.tapped = False  # a card came while the last one's outcome stood on the screen
        self.vouched = False  # somebody says that this card is genuine
        # the till's order that is served, by source and number; whole; the last one over: see kiosk/till.py
        self.mark, self.order, self.ended = (0, 0), None, (0, 0, 0, 0, 0, "")
        # a till on the serial line: its Line, the task, what makes a stream; what a pass has left
        self.line = self.listening = self.open_line = self.entry = None
        self.errand = None  # a coroutine function of whoever needs the kiosk between two sales

    async def run(self) -> None:
        """For ever: do the state's activity, take the step its event asks for."""
        event = "made"
        while True:
            self.state, actions = step(self.state, event)
            duty.check_in("nfc")
            self.store.serving = self.state in SERVING
            for action in actions:
                if action == "report":
                    self.link.wake()
                elif action == "told":
                    await self.front.drawn()
                    if not self.front.fault:  # else a later tap tells
                        self.journal.shown()
                else:
                    self._show(action)
            try:
                event = await self._activity()
            except ReaderFault as fault:
                print("reader: %s" % fault)
                event = "fault"
                self.faults = self.faults + 1 if ticks.since(self.fault_at) < FAULTS_MS else 1
                self.fault_at = ticks.now()
            if self.order:
                from kiosk.till import note

                note(self, event)

    def _show(self, action: str) -> None:
        from kiosk import shown

        getattr(shown, action)(self)

    def _activity(self):  # type: ignore[no-untyped-def]
        """The coroutine of the state's activity, of a module that stays only as long as it is needed."""
        state = self.state
        if state == "IDLE":
            return self._idle()
        if state == "AMOUNT":
            return choose(self)
        if state == "CARD_WAIT":
            return self._wait_card()
        if state == "CARD_AUTH":
            from kiosk.authenticate import authenticate

            return authenticate(self)
        if state == "ASK":
            from kiosk.online import pay

            return pay(self)
        if state in ("COMMIT", "VERDICT"):
            from kiosk.sell import sell, wait_verdict

            return sell(self) if state == "COMMIT" else wait_verdict(self)
        if state == "RESULT":
            from kiosk.result import wait_removed

            return wait_removed(self)
        if state == "UPDATE":
            return self._run_errand()
        from kiosk.selftest import test, wait_well

        return test(self) if state == "SELFTEST" else wait_well(self)

    async def rest(self) -> None:
        """Between two looks of whoever waits for a customer."""
        duty.check_in("nfc")
        await asyncio.sleep_ms(POLL_MS)

    def called_away(self) -> bool:
        """Whoever waits for a customer, and has none yet, lets go."""
        return self.errand is not None or why(self) != ""

    async def _idle(self) -> str:
        self.purse = None
        self.reason = between(self)
        if self.reason:
            return "fault"
        if self.errand is not None:
            self.reason = "update"
            return "update"
        return "ready"

    async def _run_errand(self) -> str:
        errand, self.errand = self.errand, None
        await errand(self)  # type: ignore[misc]
        return "done"

    async def _wait_card(self) -> str:
        tapped, self.tapped = self.tapped, False
        if tapped and self.fixed:
            return "card"
        began, status = ticks.now(), (self.link.online, self.presence.resting)
        changed = None  # does a till or the customer want something else?
        if self.settings.config["mode"] == "till":
            from kiosk import till

            changed = till.look
        elif not self.fixed:
            from kiosk import choosing

            changed = choosing.unchosen
        while True:
            if self.called_away() or (changed is not None and changed(self)):
                return "left"
            if self.fixed:
                if self.settings.next is not None:
                    return "left"  # a new price is shown before it is taken
            elif ticks.since(began) > CHOSEN_MS:
                return "left"
            if await self.presence.look():
                return "card"
            now = self.link.online, self.presence.resting
            if status != now:
                status = now
                self._show("show_idle")
            await self.rest()
