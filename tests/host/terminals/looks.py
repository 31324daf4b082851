"""What tests of reports ask of the books and of the kiosk's answer."""

from typing import Any

from host.cards import registry
from host.ledger import accounts, verify
from protocol.wire.messages import ACK
from simulator.card import DesfireCard
from tests.host.rig import Shop


def flags(shop: Shop, card: DesfireCard) -> list[str]:
    return shop.look(registry.flags, card.uid, 1)


def balance(shop: Shop, card: DesfireCard) -> int | None:
    return shop.look(accounts.card_balance, card.uid, 1)


def holds(shop: Shop) -> bool:
    return bool(shop.look(verify.verify)["ok"])


def verdicts(heard: dict[int, dict[str, Any]]) -> list[list[int]]:
    found: list[list[int]] = heard[ACK]["verdicts"]
    return found
