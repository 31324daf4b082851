"""What a terminal may ask for, done: collect what waits for a purse; pay with a card that holds no money."""

from collections.abc import Callable
from functools import partial
from typing import Any

from host import clock
from host.cards import hotlist, movements, notes, pins, registry
from host.cards.keeper import Keeper
from host.cards.loads import Loads, LoadUnknown
from host.cards.payers import Payers
from host.cards.readers import CardGone, ReaderError
from host.cards.registry import RegistryError
from host.db.engine import Database
from host.ledger import accounts, wanted
from host.ledger.chart import kiosk_owner
from host.terminals.fleet import configs
from host.terminals.fleet.kiosks import Kiosk
from host.terminals.relay import proving
from host.terminals.relay.relay import Serve
from host.terminals.relay.session import Asked, Session
from host.terminals.sales.entries import Entries
from host.terminals.sales.payments import Payments, Request
from protocol.card.apdu import CardError
from protocol.card.purse import NotOurs
from protocol.wire import greeting, online, seal

REASON_MAX = 16  # bytes of a decision's word


class Serving:
    """push() tells the kiosks that something changed."""

    def __init__(self, database: Database, keeper: Keeper, payers: Payers, push: Callable[[], None]) -> None:
        self._database, self._keeper, self._push = database, keeper, push
        self._payments = Payments(database, payers)
        self._provers = proving.provers(payers, keeper)
        self._entries = Entries(database, self._provers)

    def table(self) -> dict[int, Serve]:
        """{what is asked: what does it}"""
        return {online.COLLECT: self.collect, online.PAY: self.pay, online.ENTER: self.enter} | {
            online.TELL: self.tell
        }

    def pay(self, asked: Asked, session: Session) -> None:
        """Decided once for the request's number; without a number it could not be reversed."""
        amount_fen = asked.values.get("amount_fen")
        if not asked.counter or amount_fen is None:
            return session.decide(online.REFUSED, 0, 0, "number")
        uid, card = asked.values["uid"], asked.values["card"]
        pin, sealed = None, asked.values.get("pin")
        if sealed is not None:
            try:
                pin = seal.open_pin(asked.kiosk.seal_key, asked.values["request"], sealed)
            except ValueError:
                return session.decide(online.REFUSED, 0, 0, "pin-unreadable")
        request = Request(asked.kiosk, asked.epoch, asked.counter, card, uid, amount_fen, pin)
        reason, taken_fen, balance_fen = self._payments.decide(request, session)
        if reason:
            return session.decide(online.REFUSED, taken_fen, balance_fen, reason)
        greeted = self._greeting(asked.kiosk, session.uid)
        return session.decide(online.DONE, taken_fen, balance_fen, "", **greeted)

    def _greeting(self, kiosk: Kiosk, uid: bytes) -> dict[str, Any]:
        with self._database.read() as connection:
            card = registry.newest(connection, uid)
            if card is None:
                return {}
            name, local_s = (card.uid, card.issue), partial(configs.local_s, connection, at_s=clock.now_s())
            return notes.greetings(connection, {name: kiosk.number}, local_s).get(name, {})

    def enter(self, asked: Asked, session: Session) -> None:
        """Decided once for the request's number, as a payment."""
        if not asked.counter:
            return session.decide(online.REFUSED, 0, 0, "number")
        uid, card = asked.values["uid"], asked.values["card"]
        entry = self._entries.decide(Request(asked.kiosk, asked.epoch, asked.counter, card, uid, 1), session)
        told = {"until_s": entry.until_s, "used_min": entry.used_min}
        told["left" if entry.stay is None else "left_min"] = entry.left
        more = {name: value for name, value in told.items() if value is not None}
        return session.decide(online.REFUSED if entry.reason else online.DONE, 0, 0, entry.reason, **more)

    def tell(self, asked: Asked, session: Session) -> None:
        """Balance, last movements and greeting, for the card itself: nothing changes. One with a PIN tells
        nobody who has no PIN."""
        with self._database.read() as connection:
            card = registry.newest(connection, session.uid)
            hot = card is None or card.state != "active" or hotlist.holds(connection, session.uid)
            silent = card is not None and pins.is_set(connection, card)
        is_one = card is not None and (card.kind == registry.PLAIN) == session.is_plain
        reason = "pin" if silent else proving.refusal(self._provers, card if is_one else None, session)
        if reason or card is None or hot:
            return session.decide(online.REFUSED, 0, 0, reason or "hot")
        with self._database.read() as connection:
            rows = [[move["at"], move["amount_fen"]] for move in movements.newest(connection, card)]
            balance_fen = accounts.card_balance(connection, card.uid, card.issue) or 0
        session.tell(rows[: greeting.ROWS_MAX])
        return session.decide(online.DONE, 0, balance_fen, "", **self._greeting(asked.kiosk, card.uid))

    def collect(self, asked: Asked, session: Session) -> None:
        """Settle what may be on the card, put there what waits for it; without either it is asked nothing."""
        with self._database.read() as connection:
            card = registry.newest(connection, session.uid)
            before = wanted.version(connection)
            idle = card is None or not wanted.is_wanted(connection, card.uid, card.issue)
        if card is None or idle:
            return session.decide(online.REFUSED, 0, 0, "nothing")
        loads = Loads(self._database, self._keeper, session, kiosk_owner(asked.kiosk.name))
        code, reason, put_fen = online.REFUSED, "", 0
        try:
            put_fen = loads.collect(card)
            code = online.DONE
        except RegistryError as error:
            reason = error.code[:REASON_MAX]
        except LoadUnknown:
            code, reason = online.UNKNOWN, "unsure"
        except (CardGone, ReaderError):
            reason = "early"
        except (CardError, NotOurs):
            reason = "unreadable"
        with self._database.read() as connection:
            balance_fen = accounts.card_balance(connection, card.uid, card.issue) or 0
            changed = wanted.version(connection) != before
        session.decide(code, put_fen, balance_fen, reason)
        if changed:
            self._push()
        return None
