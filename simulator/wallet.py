"""The cards of a simulated world, by name; what a real card would keep goes to a file at every step.

A card's file is written inside the commit itself, so that a simulator that is killed forgets no payment.
"""

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from protocol.card import layout
from simulator.card import (
    ClassicCard,
    ContactlessCard,
    DesfireCard,
    Ntag424Card,
    card_from_state,
    foreign_card,
)

ISSUED = ("purse", "account", "plain")  # what a desk makes of blank cards
KINDS = (*ISSUED, "foreign", "clone")


class WalletError(RuntimeError):
    """A card file can't be used; the sentence names it."""


@dataclass
class HeldCard:
    """A card with the name people call it by. `ready` is False until its first load at the desk is done."""

    name: str
    kind: str
    card: ContactlessCard
    ready: bool
    number: int  # in the order in which they were made

    @property
    def uid(self) -> str:
        """The UID in hex."""
        return self.card.uid.hex()

    def value_fen(self) -> int | None:
        """The committed value on the card itself; None when it carries no purse of ours."""
        if not isinstance(self.card, DesfireCard):
            return None
        return self.card.value_fen(layout.AID, layout.FILE_VALUE)


class Wallet:
    """Cards in a folder, one file each. `seed` makes UIDs and the cards' random numbers repeatable."""

    def __init__(self, folder: Path, seed: int | None = None) -> None:
        self._folder = folder
        self._seed = seed
        self._cards: dict[str, HeldCard] = {}
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        for held in sorted(map(self._read, folder.glob("*.json")), key=lambda held: held.number):
            self._hold(held)

    def __iter__(self) -> Iterator[HeldCard]:
        return iter(list(self._cards.values()))

    def __contains__(self, name: object) -> bool:
        return name in self._cards

    def __getitem__(self, name: str) -> HeldCard:
        return self._cards[name]

    def add_blank(self, name: str, kind: str = "purse") -> HeldCard:
        """A card as the factory delivers it, to be made one of ISSUED at the desk."""
        uid = self._uid(name)
        card: ContactlessCard
        if kind == "purse":
            card = DesfireCard(uid, self._rng(name))
        elif kind == "account":
            card = Ntag424Card(uid, self._rng(name))
        else:
            card = ClassicCard(b"\x42" + uid[1:4])
        return self._add(HeldCard(name, kind, card, False, len(self._cards)))

    def add_clone(self, name: str, card: ContactlessCard) -> HeldCard:
        """What somebody made from one of these cards."""
        return self._add(HeldCard(name, "clone", card, True, len(self._cards)))

    def add_foreign(self, name: str, kind: str = "other-issuer") -> HeldCard:
        """A card of somebody else; kind as in simulator.card.FOREIGN_KINDS."""
        card = foreign_card(kind, self._uid(name), self._rng(name))
        return self._add(HeldCard(name, "foreign", card, True, len(self._cards)))

    def save(self, held: HeldCard) -> None:
        """Write the card's file, whole or not at all."""
        about = {"name": held.name, "kind": held.kind, "ready": held.ready, "number": held.number}
        text = json.dumps({**about, "card": held.card.dump()})
        path = self._path(held.name)
        with self._lock:
            spare = path.with_suffix(".new")
            spare.write_text(text, encoding="utf-8")
            os.replace(spare, path)

    def _add(self, held: HeldCard) -> HeldCard:
        if held.name in self._cards:
            raise WalletError(f"there is a card {held.name} already")
        self._hold(held)
        self.save(held)
        return held

    def _hold(self, held: HeldCard) -> None:
        self._cards[held.name] = held
        if isinstance(held.card, DesfireCard | Ntag424Card):
            held.card.tear_hook = lambda moment, step: self._step_done(held, moment, step)

    def _step_done(self, held: HeldCard, moment: str, step: str) -> None:
        """Keep what outlives the field. Inside a commit its seal decides: a sealed one is finished later."""
        if moment == "after" and step != "commit prepare" and not step.startswith("commit file"):
            self.save(held)

    def _read(self, path: Path) -> HeldCard:
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            name, kind, ready = str(content["name"]), str(content["kind"]), bool(content["ready"])
            if kind not in KINDS:
                raise ValueError(f"kind {kind!r} is none of {', '.join(KINDS)}")
            card = card_from_state(content["card"], self._rng(name))
            return HeldCard(name, kind, card, ready, int(content["number"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise WalletError(f"{path} holds no card of the simulator ({error}): move it away") from error

    def _path(self, name: str) -> Path:
        # Names may be Chinese; what a file system makes of those differs, a digest is the same everywhere.
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.json"

    def _uid(self, name: str) -> bytes:
        """Seven bytes; 04 is the manufacturer NXP."""
        if self._seed is None:
            return b"\x04" + os.urandom(6)
        return b"\x04" + hashlib.sha256(f"{self._seed} {name}".encode()).digest()[:6]

    def _rng(self, name: str) -> Random | None:
        return None if self._seed is None else Random(f"{self._seed} {name}")
