"""Purse cards without a chip: their Transaction MACs are computed with the host's own keys."""

from dataclasses import dataclass
from typing import Any

from host.cards import registry
from host.ledger import loads
from host.ledger.books import book
from host.ledger.purse import CardMove
from protocol.card import layout, tmac
from protocol.wire import messages
from tests.host.rig import NOW_S, KioskSide, Shop

LOADED_FEN = 500_000
WHO = "operator:desk"


@dataclass
class KeyedCard:
    """What a card would hold; a sale moves it on."""

    uid: bytes
    key: bytes
    tmc: int = 1
    value_fen: int = LOADED_FEN

    def pay(self, kiosk: KioskSide, amount_fen: int) -> tuple[tuple[int, int], dict[str, Any]]:
        """The number and the fields of its SALE."""
        number = kiosk.next_number()
        before_fen, self.value_fen, self.tmc = self.value_fen, self.value_fen - amount_fen, self.tmc + 1
        record = layout.log_record(kiosk.given["number"], *number, amount_fen, self.value_fen, NOW_S)
        tmi = tmac.debit_input(layout.FILE_VALUE, layout.FILE_LOG, before_fen, amount_fen, record)
        tmv = tmac.tmv(self.key, self.uid, self.tmc, tmi)
        values = {"uid": self.uid, "issue": 1, "amount_fen": amount_fen, "tmc": self.tmc, "tmv": tmv}
        return number, values | {"value_fen": self.value_fen, "happened_s": NOW_S}

    def sale(self, kiosk: KioskSide, amount_fen: int = 1) -> bytes:
        """A message of one sale."""
        number, values = self.pay(kiosk, amount_fen)
        return kiosk.message(number, messages.SALE, **values)


def journal(kiosk: KioskSide, paid: list[tuple[tuple[int, int], dict[str, Any]]]) -> bytes:
    """A message of several sales."""
    records = [(number[1], messages.SALE, messages.body(messages.SALE, **values)) for number, values in paid]
    return kiosk.message((kiosk.epoch, 0), messages.JOURNAL, records=[list(record) for record in records])


def keyed_cards(shop: Shop, count: int) -> list[KeyedCard]:
    """Cards in the books, active and loaded with LOADED_FEN each."""
    cards = []
    with book(shop.opened.database) as books:
        for number in range(count):
            uid = (0x04_2000_0000_0080 + number).to_bytes(7, "big")
            card = registry.begin(books.connection, uid, 1, WHO)
            registry.become(books.connection, card, "active", WHO)
            move = CardMove(uid, 1, 1, LOADED_FEN, LOADED_FEN)
            planned = loads.plan_load(books, move, WHO, NOW_S)
            loads.post_load(books, planned, move, WHO)
            cards.append(KeyedCard(uid, shop.opened.keeper.tmac_key(uid, 1, 1)))
    return cards
