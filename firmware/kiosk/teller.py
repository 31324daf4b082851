"""Serves one customer after the other: runs the session machine over reader, journal, front and link."""

import asyncio

from drivers.pn532 import CardGone, ReaderFault
from hal import ticks
from kiosk import record, session
from kiosk.offline import must_be_allowed, must_be_listed
from kiosk.online import collect, looks_like_account, pay
from kiosk.presence import Presence
from kiosk.reading import Refused, open_purse
from kiosk.sell import sell
from kiosk.settle import settle
from protocol.card import apdu, purse
from protocol.wire import online

POLL_MS = 20
RESULT_MS = 1500
ISO_DEP = 0x20  # SAK bit of a card that speaks ISO 14443-4


class Teller:
    """The kiosk's customer side. clock() gives seconds since 1970."""

    def __init__(self, reader, journal, settings, link, front, clock, number) -> None:  # type: ignore[no-untyped-def]
        self.reader, self.journal, self.settings, self.link = reader, journal, settings, link
        self.front, self.clock, self.number = front, clock, number
        self.state = session.BOOT
        self.presence = Presence(reader, journal.last_uid)
        self.purse: purse.Purse = None
        self.sale: dict = {}
        self.sale_number, self.already = (0, 0), False
        self.reason, self.price_fen, self.collected_fen = "", 0, 0
        self.card = online.PURSE  # what the card looks like
        self.shown_fen: int | None = None
        self.faults = 0
        self.vouched = False  # somebody says that this card is genuine

    async def run(self) -> None:
        """For ever: do the state's activity, take the step its event asks for."""
        activities = {
            session.BOOT: self._become_well,
            session.IDLE: self._wait_card,
            session.READ: self._read,
            session.ASK: lambda: pay(self),
            session.COMMIT: self._commit,
            session.VERDICT: self._verdict,
            session.RESULT: self._wait_removed,
            session.OUT: self._become_well,
        }
        while True:
            try:
                event = await activities[self.state]()
            except ReaderFault as fault:
                print("reader: %s" % fault)
                self.reason, event = "reader", "fault"
            self.state, actions = session.step(self.state, event)
            for action in actions:
                if action == "report":
                    self.link.wake()
                elif action == "told":
                    self.journal.shown()
                else:
                    getattr(self.front, action)(self)

    # activities: each returns an event

    async def _become_well(self) -> str:
        if self.faults:
            await asyncio.sleep_ms(min(250 << min(self.faults, 4), 4000))
        self.faults += 1
        await self.reader.start()
        self.faults = 0
        while True:
            self.reason = self._closed()
            if not self.reason:
                return "well"
            self.front.show_out(self)
            await asyncio.sleep_ms(POLL_MS)

    def _closed(self) -> str:
        """Why no sale is possible at all, '' when it is."""
        if not self.settings.config:
            return "setup"
        if self.journal.foreign:
            return "other"
        return "full" if self.journal.full() else ""

    async def _wait_card(self) -> str:
        status = None
        while True:
            self.reason = self._closed()
            if self.reason:
                return "fault"
            if await self.presence.look():
                return "card"
            now = (self.link.online, self.settings.versions.copy(), self.presence.resting)
            if status != now:
                status = now
                self.front.show_idle(self)
            self.journal.prepare()
            await asyncio.sleep_ms(POLL_MS)

    async def _read(self) -> str:
        self.shown_fen, self.collected_fen, self.vouched = None, 0, False
        self.price_fen = self.settings.config["price_fen"]  # for the whole tap, whatever arrives meanwhile
        try:
            return await self._decide()
        except Refused as refused:
            self.reason = refused.reason
        except purse.NotOurs:
            self.reason = "foreign"
        except CardGone:
            self.reason = "early"
            self.presence.may_return()
        except apdu.CardError as error:
            print("card: %s" % error)
            self.reason = "unreadable"
        if self.journal.open_for(self.presence.uid) is None:
            return "refused"
        if self.reason != "undecided":  # a sale of this card is open: nobody may say that nothing was taken
            self.reason = "again"
        return "unsettled"

    async def _decide(self) -> str:
        if self.presence.two:
            raise Refused("two")
        open_sale = self.journal.open_for(self.presence.uid)
        untold = self.journal.untold
        if untold and untold["uid"] != self.presence.uid:
            untold = None
        if open_sale is None and self.presence.uid in self.settings.hot:
            raise Refused("hot")
        if untold and untold["kind"] == record.TAKEN:
            self.vouched = True  # by the host itself
            return self.paid_before(untold, (untold["epoch"], untold["counter"]), untold["value_fen"])
        if not self.presence.sak & ISO_DEP:
            return self._ask_for(online.PLAIN)
        if open_sale is None and untold is None:
            self.collected_fen = await collect(self)
        try:
            self.purse = await open_purse(self.reader, self.settings.debit_masters, self.presence.uid)
        except purse.NotOurs:
            if open_sale is None and await looks_like_account(self.reader):
                return self._ask_for(online.ACCOUNT)
            raise
        if open_sale is not None:
            return await settle(self, open_sale)
        if untold and untold["tmc"] == self.purse.tmc:
            return self.paid_before(untold, (untold["epoch"], untold["counter"]), self.purse.value_fen)
        if self.purse.value_fen < self.price_fen:
            self.shown_fen = self.purse.value_fen
            raise Refused("low")
        if not self.link.online or self.link.silent:
            must_be_allowed(self)
        return "payable"

    def _ask_for(self, card: int) -> str:
        if not self.link.online:
            raise Refused("needs_host")
        self.card = card
        return "ask"

    def paid_before(self, sale: dict, number: tuple[int, int], value_fen: int) -> str:
        """An earlier tap had paid: tell the customer, once the host does not object to report `number`."""
        self.sale = dict(sale, value_fen=value_fen)
        self.sale_number, self.already = number, True
        return "settled"

    async def _commit(self) -> str:
        return await sell(self)

    async def _verdict(self) -> str:
        wait_ms = self.settings.config["verdict_wait_ms"]
        if not await self.link.verdict(self.sale_number, wait_ms):
            return "rejected"
        try:
            if self.link.silent and not self.vouched:
                must_be_listed(self)
        except Refused:  # it may be forged, and only the host could tell
            self.reason = "again"
            self.presence.may_return()
            return "unheard"
        return "approved"

    async def _wait_removed(self) -> str:
        began = ticks.now()
        try:
            while True:
                if await self.presence.look():
                    return "card"
                if self.presence.gone and ticks.since(began) > RESULT_MS:
                    return "removed"
                await asyncio.sleep_ms(POLL_MS)
        except ReaderFault:
            await asyncio.sleep_ms(max(0, RESULT_MS - ticks.since(began)))  # the outcome stays readable
            raise
