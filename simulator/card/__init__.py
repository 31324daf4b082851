"""Virtual cards: pure state, two-phase commit, a tear hook at every persisted step.

The cryptography is written on the `cryptography` package alone and apart from `protocol/`.
"""

from collections.abc import Mapping
from random import Random
from typing import Any

from simulator.card.classic import ClassicCard
from simulator.card.contactless import ContactlessCard
from simulator.card.copied import CopiedCard
from simulator.card.desfire import PULL_POINTS, DesfireCard
from simulator.card.felica import FelicaCard
from simulator.card.foreign import FOREIGN_KINDS, foreign_card
from simulator.card.ntag424 import Ntag424Card
from simulator.card.status import LeftField

__all__ = [
    "FOREIGN_KINDS",
    "PULL_POINTS",
    "ClassicCard",
    "ContactlessCard",
    "CopiedCard",
    "DesfireCard",
    "FelicaCard",
    "LeftField",
    "Ntag424Card",
    "card_from_state",
    "foreign_card",
]


def card_from_state(content: Mapping[str, Any], rng: Random | None = None) -> ContactlessCard:
    """The card that `dump` described. Raises ValueError with the reason when the content is no card."""
    try:
        kind = content["kind"]
        if kind == "desfire":
            return DesfireCard.load(content, rng)
        if kind == "classic":
            return ClassicCard.load(content)
        if kind == "felica":
            return FelicaCard.load(content)
        if kind == "ntag424":
            return Ntag424Card.load(content, rng)
        if kind == "copied":
            return CopiedCard.load(content)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"this is no card that dump() wrote: {error!r}") from error
    raise ValueError(f"{kind!r} is no kind of card: expected desfire, ntag424, classic, felica or copied")
