"""May this card be topped up now? Asked in the transaction that plans it."""

from host.cards import hotlist, registry
from host.cards.registry import Card, RegistryError
from host.db.connection import Connection
from host.ledger import loads, purse
from host.ledger.purse import CardMove
from protocol.card import layout
from protocol.card.purse import Purse


def must_be_welcome(connection: Connection, uid: bytes) -> None:
    """RegistryError for a card on the hotlist."""
    if hotlist.holds(connection, uid):
        raise RegistryError(
            "hotlisted",
            f"Card {uid.hex().upper()} is on the hotlist and no kiosk takes it: "
            "keep it and give the customer another card.",
        )


def next_move(connection: Connection, card: Card, seen: Purse, amount_fen: int) -> CardMove:
    """The move that a top-up of this card would be; RegistryError when the card must not have it."""
    move = CardMove(card.uid, card.issue, seen.tmc + 1, amount_fen, seen.value_fen + amount_fen)
    must_be_welcome(connection, card.uid)
    must_agree(connection, card, seen)
    if move.value_after_fen > layout.VALUE_FEN_MAX:
        raise RegistryError("value", f"Card {card.uid_hex} may hold at most {layout.VALUE_FEN_MAX} fen.")
    return move


def must_agree(connection: Connection, card: Card, seen: Purse) -> None:
    """The books must know this very state of the card, and of nothing that is on its way there; else
    RegistryError."""
    current = registry.find(connection, card.uid, card.issue)
    if current is None or current.state != "active":
        raise RegistryError("card-state", f"Card {card.uid_hex} is not active any more; it is not loaded.")
    if loads.pending_loads(connection, card.uid, card.issue):
        raise RegistryError(
            "load-pending", f"Another top-up of card {card.uid_hex} is under way: wait, then try again."
        )
    tmc, value = purse.last_move(connection, card.uid, card.issue)
    if (tmc, value) != (seen.tmc, seen.value_fen):
        raise RegistryError(
            "card-ahead",
            f"Card {card.uid_hex} shows counter {seen.tmc} and {seen.value_fen} fen, "
            f"the books {tmc} and {value}: wait until all kiosks have reported, then try again.",
        )
