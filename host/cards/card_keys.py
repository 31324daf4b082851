"""All keys of one card in one life, as the keeper derives them."""

from collections.abc import Mapping
from dataclasses import dataclass

from host.cards.keeper import Keeper
from host.cards.registry import Card
from protocol.card import layout, masters

FOR_LIFE = ("picc", "data", "tmac")  # the card keeps them when the others are moved (rekey.py)


@dataclass(frozen=True)
class CardKeys:
    """16 bytes each. versions: DESFire's version byte of each role's key."""

    picc: bytes
    master: bytes
    read: bytes
    debit: bytes
    credit: bytes
    tmac: bytes
    data: bytes
    versions: Mapping[str, int]

    def __repr__(self) -> str:
        return "<CardKeys>"


def card_keys(keeper: Keeper, card: Card, generation: int | None = None) -> CardKeys:
    """Derive them; generation: another one than the card's."""
    wanted = dict.fromkeys(layout.KEYS, generation or card.key_version)
    wanted |= dict.fromkeys(FOR_LIFE, generation or card.life_key_version)
    roles = {role: keeper.card_key(role, card.uid, wanted[role]) for role in wanted if role != "tmac"}
    versions = {role: masters.version_byte(keeper.version(role, one)) for role, one in wanted.items()}
    return CardKeys(tmac=keeper.tmac_key(card.uid, card.issue, wanted["tmac"]), versions=versions, **roles)


def former_keys(keeper: Keeper, card: Card) -> list[CardKeys]:
    """Of the other generations, the newest first: a card that comes back may hold them."""
    others = [one for one in range(keeper.generation, 0, -1) if one != card.key_version]
    return [card_keys(keeper, card, one) for one in others]
