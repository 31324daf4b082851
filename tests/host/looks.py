"""What tests ask of the books and of a kiosk's answer, and what they put into the books by hand."""

from typing import Any

from host.cards import hotlist, registry
from host.cards.registry import Card
from host.db.engine import Database
from host.ledger import accounts, verify, waiting
from host.ledger.books import book
from host.ledger.chart import HOUSE
from protocol.wire.messages import ACK
from simulator.card import DesfireCard
from tests.host.rig import Shop

MISSING = "no counter of a card is missing"  # a promise: broken while a move of a card is not reported


def flags(shop: Shop, card: DesfireCard) -> list[str]:
    return shop.look(registry.flags, card.uid, 1)


def balance(shop: Shop, card: DesfireCard) -> int | None:
    return shop.look(accounts.card_balance, card.uid, 1)


def registered(shop: Shop, card: DesfireCard) -> Card:
    """The newest life of a card that the books know."""
    found = shop.look(registry.newest, card.uid)
    assert found is not None
    return found


def faults(shop: Shop) -> dict[str, str]:
    """What verify finds against the books: {name of the broken promise: rows}"""
    result = verify.verify(shop.opened.database, shop.opened.keeper.ledger_mac)
    broken = {check["name"]: check["detail"] for check in result["checks"] if not check["ok"]}
    assert result["ok"] == (not broken)
    return broken


def lock_waits(database: Database) -> bool:
    """Does somebody in this database of PostgreSQL wait for a lock? Other tests share the server."""
    sql = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with database.read() as connection:
        return connection.execute(sql).fetchone() is not None


def holds(shop: Shop) -> None:
    """Every promise of the books."""
    assert faults(shop) == {}


def list_card(shop: Shop, uid: bytes) -> None:
    """On the hotlist by an operator's word."""
    with shop.opened.database.write() as connection:
        hotlist.add(connection, uid, "reported lost", "operator:desk")


def verdicts(heard: dict[int, dict[str, Any]]) -> list[list[int]]:
    found: list[list[int]] = heard[ACK]["verdicts"]
    return found


def end_life(shop: Shop, card: DesfireCard, *states: str) -> None:
    """The card's life goes on to these states, by an operator's word; one that is returned is paid out."""
    for state in states:
        found = registered(shop, card)
        with book(shop.opened.database) as books:
            registry.become(books.connection, found, state, "operator:desk")
            if state == "returned":
                waiting.release(books, found.uid, found.issue, (HOUSE, "cash"), "operator:desk")
