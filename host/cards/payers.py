"""Cards that hold no money themselves: how one proves to be there, and what it may spend.

host.terminals.sales.payments asks the one of the card's kind; a kind that is not in the table cannot pay.
"""

from collections.abc import Mapping
from typing import Protocol

from host.cards import account, pins, plain
from host.cards.account import NotProven
from host.cards.keeper import Keeper
from host.cards.readers import CardConnection
from host.cards.registry import ACCOUNT, PLAIN, Card, RegistryError
from host.db.connection import Connection
from host.db.engine import Database
from protocol.card import apdu

# What the kiosk's screen has words for (firmware/kiosk/online.py).
WORDS = {
    plain.NOT_PLAIN: "unknown",
    plain.STATE: "hot",
    plain.HOT: "hot",
    plain.DAILY: "daily",
    plain.BALANCE: "low",
    pins.NEEDED: "pin",
    pins.WRONG: "pin-wrong",
    pins.BLOCKED: "pin-blocked",
    "card-state": "hot",
    "hotlisted": "hot",
}


class NotPaying(Exception):
    """This card can't pay here and now; `reason`: a word for the kiosk's screen."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Payer(Protocol):
    """One kind of card."""

    def prove(self, card: Card, connection: CardConnection) -> None:
        """Does this very card lie there? NotPaying, CardGone, CardError. Nothing is locked meanwhile."""

    def admit(self, connection: Connection, card: Card, amount_fen: int, pin: str | None, now_s: int) -> None:
        """May it spend this much now? Asked in the transaction that books the payment. NotPaying."""


Payers = Mapping[str, Payer]  # by registry.Card.kind


class AccountPayer:
    """It answers our challenge under its own key."""

    def __init__(self, database: Database, keeper: Keeper) -> None:
        self._database = database
        self._keeper = keeper

    def prove(self, card: Card, connection: CardConnection) -> None:
        """See Payer."""
        try:
            apdu.run(account.prove(self._database, self._keeper, card.uid), connection.send_and_receive)
        except RegistryError as error:
            raise NotPaying(WORDS.get(error.code, "unknown")) from None
        except NotProven:
            raise NotPaying("unreadable") from None

    def admit(self, connection: Connection, card: Card, amount_fen: int, pin: str | None, now_s: int) -> None:
        """What it holds is all that bounds it."""


class PlainPayer:
    """Its UID is all that it has: what it may spend is bounded by the day."""

    def prove(self, card: Card, connection: CardConnection) -> None:
        """Whoever has the UID is the card."""

    def admit(self, connection: Connection, card: Card, amount_fen: int, pin: str | None, now_s: int) -> None:
        """See Payer. A kiosk without a keypad sends no PIN."""
        refusal = plain.may_pay(connection, card, amount_fen, pin, now_s)
        if refusal is not None:
            raise NotPaying(WORDS.get(refusal, "desk"))


def payers(database: Database, keeper: Keeper) -> Payers:
    """All kinds that we know."""
    return {ACCOUNT: AccountPayer(database, keeper), PLAIN: PlainPayer()}
