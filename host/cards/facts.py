"""What decisions ask of a card over and over: kept in memory until a card's state or the hotlist changes."""

from collections.abc import Iterable
from typing import NamedTuple

from host.cards import hotlist, registry
from host.cards.registry import Card
from host.db.connection import Connection
from host.ledger import purse
from host.ledger.chart import kiosk_owner

CARDS_MAX = 50_000


class Fact(NamedTuple):
    """card: None if it is not ours; purse: its account, None before it has one; odd: why its debits are
    flagged (not ours, lost, hotlisted ...), None if nothing is odd about it; version: of the keys that prove
    its sales, None where something is odd or there is no purse yet."""

    card: Card | None
    purse: int | None
    odd: str | None
    version: int | None


class Facts:
    """Facts by (UID, issue), as old as the newest revision."""

    def __init__(self) -> None:
        self.known: dict[bytes, dict[int, Fact]] = {}  # by UID and issue, as far as they were asked for
        self._sales: dict[str, int] = {}
        self._revision = -1
        self._raised = 0  # how far our own transaction has brought it

    def begin(self, now: int) -> None:
        """At the start of each transaction, with the revision that it sees: forget all if something was
        changed elsewhere since."""
        if now != self._revision + self._raised:
            self.clear()
        self._revision, self._raised = now, 0

    def clear(self) -> None:
        """Forget all: something was changed, or the change was taken back."""
        self.known.clear()
        self._sales.clear()

    def listed(self, uid: bytes) -> None:
        """This transaction has put a UID on the hotlist: what is known of other cards still holds."""
        self.known.pop(uid, None)
        self._raised += 1

    def of(self, connection: Connection, uid: bytes, issue: int) -> Fact:
        """What holds of a card now."""
        issues = self.known.get(uid)
        found = None if issues is None else issues.get(issue)
        if found is None:
            card = registry.find(connection, uid, issue)
            odd = _odd(card, hotlist.holds(connection, uid))
            account = purse.find(connection, uid, issue)
            version = None if card is None or account is None or odd else card.life_key_version
            found = Fact(card, account, odd, version)
            if len(self.known) >= CARDS_MAX:
                self.known.clear()
            if found.purse is not None:  # until it has one, it is asked again
                self.known.setdefault(uid, {})[issue] = found
        return found

    def sales_of(self, connection: Connection, kiosks: Iterable[str]) -> dict[str, int]:
        """The accounts in which these kiosks' sales are, by kiosk, as far as they were opened."""
        known = self._sales
        new = [kiosk for kiosk in kiosks if kiosk not in known]
        if new:
            owners = {kiosk_owner(kiosk): kiosk for kiosk in new}
            sql = f"SELECT owner, id FROM accounts WHERE kind = 'sales' AND owner IN {connection.TEXTS}"
            for owner, number in connection.execute(sql, (connection.texts(owners),)):
                known[owners[owner]] = number
        return {kiosk: known[kiosk] for kiosk in kiosks if kiosk in known}


def _odd(card: Card | None, hot: bool) -> str | None:
    if card is None:
        return "unknown card"
    if card.state != "active":
        return card.state
    return "hotlisted" if hot else None
