"""What decisions ask of a card over and over: kept in memory until a card's state or the hotlist changes."""

from typing import NamedTuple

from host.cards import hotlist, registry, revision
from host.cards.registry import Card
from host.db.connection import Connection
from host.ledger import purse

CARDS_MAX = 50_000


class Fact(NamedTuple):
    """card: None if it is not ours; hot: on the hotlist; purse: its account, None before it has one."""

    card: Card | None
    hot: bool
    purse: int | None


class Facts:
    """Facts by (UID, issue), as old as the newest revision."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, int], Fact] = {}
        self._revision = -1

    def begin(self, connection: Connection) -> None:
        """At the start of each transaction: forget all if something was changed elsewhere since."""
        now = revision.of_cards(connection)
        if now != self._revision:
            self.clear()
            self._revision = now

    def clear(self) -> None:
        """Forget all: something was changed, or the change was taken back."""
        self._known.clear()

    def of(self, connection: Connection, uid: bytes, issue: int) -> Fact:
        """What holds of a card now."""
        found = self._known.get((uid, issue))
        if found is None:
            found = Fact(
                registry.find(connection, uid, issue),
                hotlist.holds(connection, uid),
                purse.find(connection, uid, issue),
            )
            if len(self._known) >= CARDS_MAX:
                self.clear()
            if found.purse is not None:  # until it has one, it is asked again
                self._known[uid, issue] = found
        return found
