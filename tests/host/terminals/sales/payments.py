"""What tests of online payments share: a plain card with money, and a kiosk that asks."""

from typing import Any

from host.cards import plain
from host.cards.in_use import InUse
from host.cards.payers import payers
from host.ledger import held
from host.ledger.books import book
from host.ledger.chart import HOUSE
from host.ledger.terms import Transfer, Why
from host.terminals.line.traffic import Down
from host.terminals.relay.relay import Relay
from host.terminals.relay.session import Session
from host.terminals.reported.rejections import Rejections
from host.terminals.sales.payments import Decision, Payments, Request
from host.terminals.sales.serving import Serving
from protocol.wire import online
from tests.host.rig import NOW_S, KioskSide, Shop

UID = bytes.fromhex("04AABBCCDDEE80")


def plain_card(shop: Shop, amount_fen: int, uid: bytes = UID) -> None:
    """A plain card with money on its account, as if it had been taken over."""
    with book(shop.opened.database) as books:
        card = plain.register(books, uid, "operator:desk")
        cash, account = books.open_(HOUSE, "cash"), held.open_(books, uid, card.issue)
        reference = uid.hex().upper()
        books.post(Why("try", reference, "operator:desk", NOW_S), [Transfer(cash, account, amount_fen)])


def begun(shop: Shop, amount_fen: int = 10_000) -> tuple[KioskSide, tuple[int, int]]:
    """A kiosk that is there, and the number of its first request; the card UID holds so much."""
    plain_card(shop, amount_fen)
    kiosk = shop.connected()
    return kiosk, kiosk.next_number()


def request(shop: Shop, kiosk: KioskSide, number: tuple[int, int], amount_fen: int, **more: Any) -> Request:
    known = shop.kiosks.find(kiosk.name)
    assert known is not None
    card, uid = more.get("card", online.PLAIN), more.get("uid", UID)
    return Request(known, *number, card, uid, amount_fen, more.get("pin"))


def ask(shop: Shop, kiosk: KioskSide, number: tuple[int, int], amount_fen: int, **more: Any) -> Decision:
    """A request to pay, decided without a relay: plain cards are asked nothing."""
    database, asked = shop.opened.database, request(shop, kiosk, number, amount_fen, **more)
    said = {"uid": asked.uid, "request": bytes(8), "wants": online.PAY, "card": asked.card}
    session = Session(asked.kiosk, kiosk.nonce, 1, said, lambda _down: None)
    return Payments(database, payers(database, shop.opened.keeper)).decide(asked, session)


class Desk:
    """A relay over the shop's books, without a broker: what goes down is kept, or answered by `answer`."""

    def __init__(self, shop: Shop) -> None:
        self.down: list[Down] = []
        self.pushed = 0
        self.rejections = Rejections()
        database, keeper = shop.opened.database, shop.opened.keeper
        serving = Serving(database, keeper, payers(database, keeper), self._push)
        self.relay = Relay(database, shop.kiosks, InUse(), serving.table(), self._send, self.rejections)

    def _push(self) -> None:
        self.pushed += 1

    def _send(self, down: list[Down]) -> None:
        self.down += down
