"""A counter without a host: acts called as the handlers call them, virtual cards by name of their reader."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from host import operators
from host.cards.readers import CardGone
from host.desk import shifts, table
from host.desk.acts import Counter
from host.errors import Refused
from host.ledger import drawers
from host.operators import Operator, password
from simulator.card import DesfireCard
from tests.host.rig import DirectConnection, KioskSide, Shop, blank


class Desk:
    """Operators at a counter. cards: {name of a reader: the card that lies there}"""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.cards: dict[str, DesfireCard] = {}
        self.faults: dict[str, Any] = {}  # for the next session: gone_at, took_it
        self.pushed = 0
        self._keys = itertools.count(1)
        self.counter = Counter(shop.opened.database, shop.opened.keeper, self._reader, self._push, self._look)

    @contextmanager
    def _reader(self, name: str) -> Iterator[DirectConnection]:
        faults, self.faults = self.faults, {}
        try:
            yield DirectConnection(self.cards[name], **faults)
        except CardGone:
            raise Refused(409, "card-gone", "The card left too early.") from None

    def _look(self, name: str) -> bytes:
        return self.cards[name].uid

    def _push(self) -> None:
        self.pushed += 1

    def operator(self, name: str, *roles: str, load: int = 50_000, refund: int = 20_000) -> Operator:
        made = Operator(name, roles or ("clerk",), load, refund)
        with self.shop.opened.database.write() as connection:
            operators.add(connection, made, password.make("a good long word"), "x")
        return made

    def clerk(self, name: str = "ann", float_fen: int = 20_000, **limits: int) -> Operator:
        """With an open drawer."""
        made = self.operator(name, **limits)
        self.do(made, "open-drawer", counted_fen=float_fen)
        return made

    def do(self, who: Operator, act: str, key: str | None = None, **asked: Any) -> dict[str, Any]:
        return table.do(self.counter, who, act, key or f"key-{next(self._keys)}", asked)

    def refused(self, who: Operator, act: str, key: str | None = None, **asked: Any) -> tuple[int, str]:
        try:
            answer = self.do(who, act, key, **asked)
        except Refused as refused:
            return refused.status, refused.code
        raise AssertionError(answer)

    def place(self, card: DesfireCard, reader: str = "r") -> DesfireCard:
        self.cards[reader] = card
        return card

    def issued(self, who: Operator, amount_fen: int = 10_000) -> DesfireCard:
        card = self.place(blank())
        asked: dict[str, Any] = {"amount_fen": amount_fen} if amount_fen else {}
        self.do(who, "issue", reader="r", **asked)
        return card

    def holds(self, who: Operator) -> int:
        """What the books say is in this operator's open drawer."""
        shift = self.shop.look(shifts.open_shift, who.name)
        assert shift is not None
        return self.shop.look(drawers.holds_fen, shift)

    def hears(self, kiosk: KioskSide) -> None:
        """The kiosk gets the newest hotlist, works by it, and says so with a new hello."""
        heard = kiosk.hear_all(self.shop.write([], pushed=True))
        versions = dict.fromkeys(("config", "hotlist", "waiting"), 0)
        for kind, values in heard.items():
            name = {4: "x"}.get(kind)
            del name
            if "uids" in values:
                versions["hotlist"] = values["version"]
        self.shop.tell(kiosk, kiosk.hello(nonce=b"nonce%03d" % next(self._keys), hotlist=versions["hotlist"]))
