"""What the checks of millions of rows look up: accounts, purses and kiosks, read once a process."""

import re

from host.db.connection import Connection
from host.ledger.chart import KIOSK, YES
from host.ledger.corrections import CORRECTION

_MOVE = re.compile(r"((?:[0-9A-F]{2})+)\.(\d+)\.(\d+)")


class Known:
    """Of accounts their units and which are bounded, of kiosks their sales, of purses whose they are."""

    def __init__(self, connection: Connection) -> None:
        self.units: dict[int, str] = {}
        self.bounded: dict[int, str] = {}  # accounts that may not go below zero whenever they like
        self.sales: dict[str, int] = {}  # by kiosk
        for number, owner, unit, kind, below in connection.tuples(
            "SELECT id, owner, unit, kind, below_zero FROM accounts"
        ):
            self.units[number] = unit
            if below != YES:
                self.bounded[number] = below
            if kind == "sales" and owner.startswith(KIOSK):
                self.sales[owner[len(KIOSK) :]] = number
        self.bonuses: dict[int, int | None] = {}  # by purse
        self.cards: dict[int, tuple[bytes, int]] = {}  # by purse
        self.sale_heads: dict[int, bytes] = {}  # by purse, made when they are asked for
        for number, bonus, uid, issue in connection.tuples(
            "SELECT account_id, bonus_id, uid, issue FROM purses"
        ):
            self.bonuses[number] = bonus
            self.cards[number] = bytes(uid), issue
        self.kiosks: dict[int, str] = dict(connection.tuples("SELECT number, name FROM kiosks"))
        self.moved: dict[
            tuple[bytes, int, int], str
        ] = {}  # (UID, issue, TMC) of a sale -> the kiosk it was moved to
        for reference, kiosk in connection.tuples(
            "SELECT reference, kiosk FROM transactions WHERE kind = ?", (CORRECTION,)
        ):
            moved = _MOVE.fullmatch(reference or "")
            if moved:
                self.moved[bytes.fromhex(moved[1]), int(moved[2]), int(moved[3])] = kiosk

    def card(self, purse: int) -> str:
        """How people know a purse."""
        uid, issue = self.cards[purse]
        return f"card {uid.hex().upper()} issue {issue}"
