"""What a kiosk's stored report told: the ledger checks its own entries against it."""

from typing import Any

from host.ledger.purse import CardMove
from protocol.wire import cbor, messages


def read(body: bytes) -> tuple[int, dict[str, Any]]:
    """The stored content [kind, body] -> (kind, {field: value}). ValueError for bytes that are none."""
    content: Any = cbor.decode(body)
    if not isinstance(content, list) or len(content) != 2 or not isinstance(content[0], int):
        raise ValueError("it is not a kind and a body")
    kind, values = content
    messages.check(kind, messages.UP, values)
    return kind, messages.fields(kind, values)


def is_debit(kind: int, values: dict[str, Any]) -> bool:
    """Does it tell that a card paid: a sale, or an open one that was settled as paid?"""
    return kind == messages.SALE or (kind == messages.SETTLED and bool(values["paid"]))


def move(values: dict[str, Any]) -> CardMove:
    """The debit that a sale or a settlement tells."""
    return CardMove(values["uid"], values["issue"], values["tmc"], -values["amount_fen"], values["value_fen"])
