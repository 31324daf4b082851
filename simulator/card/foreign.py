"""Cards that are not ours, to show that a kiosk turns them away with a clear word."""

from random import Random, SystemRandom
from typing import Final

from simulator.card.classic import ClassicCard
from simulator.card.contactless import ContactlessCard
from simulator.card.desfire import DesfireCard
from simulator.card.files import DataFile
from simulator.card.keys import Key
from simulator.card.rights import Rights
from simulator.card.state import Application, CardState

FOREIGN_KINDS: Final = ("blank", "other-issuer", "classic")
_OTHER_AID: Final = b"\x01\x10\xf5"


def foreign_card(kind: str, uid: bytes, rng: Random | None = None) -> ContactlessCard:
    """One of FOREIGN_KINDS: a factory DESFire, another issuer's DESFire, a MIFARE Classic."""
    if kind == "blank":
        return DesfireCard(uid, rng)
    if kind == "other-issuer":
        return _other_issuer(uid, rng or SystemRandom())
    if kind == "classic":
        return ClassicCard(uid)
    raise ValueError(f"{kind!r} is no kind of foreign card: use one of {', '.join(FOREIGN_KINDS)}")


def _other_issuer(uid: bytes, rng: Random) -> DesfireCard:
    """Keys that nobody here knows, and one file that only they open."""
    state = CardState.factory(uid)
    keys = [Key(rng.randbytes(16), 1) for _ in range(2)]
    files = {1: DataFile(3, Rights(1, 0, 0, 0), rng.randbytes(32))}
    state.applications[_OTHER_AID] = Application(0x09, keys, {**files})
    return DesfireCard(uid, rng, state)
