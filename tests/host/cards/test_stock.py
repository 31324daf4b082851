"""Blank cards: counted and listed batches, who has how many, and that nobody uses what is not there."""

import pytest

from host.cards import registry, stock, stock_places
from host.cards.registry import RegistryError
from host.db.connection import Connection
from tests.host.rig import Shop, blank

WHO = "operator:desk"
UIDS = [bytes([4, number, 0, 0, 0, 0, 1]) for number in range(5)]


def refused(shop: Shop, reason: str, *asked: object, **more: object) -> None:
    """stock.ASKED[0](connection, ...) says no and leaves nothing behind."""
    before = shop.query("SELECT count(*) FROM card_stock")
    function, *given = asked
    with pytest.raises(RegistryError, match=reason), shop.opened.database.write() as connection:
        function(connection, *given, **more)  # type: ignore[operator]
    assert shop.query("SELECT count(*) FROM card_stock") == before


def counted(connection: Connection, count: int = 10) -> stock.Batch:
    return stock.add(connection, "first", "Card Co", WHO, count=count)


def test_counted_cards_go_out_come_back_and_are_scrapped(shop: Shop) -> None:
    with shop.opened.database.write() as connection:
        batch = counted(connection)
        assert stock.move(connection, batch, "issued", "front", WHO, count=6) == 6
        assert stock.move(connection, batch, "issued", "bar", WHO, count=1) == 1
        assert stock.move(connection, batch, "blank", "front", WHO, count=1) == 1
        assert stock.move(connection, batch, "void", "front", WHO, count=2) == 2
        assert stock.move(connection, batch, "void", "", WHO, count=1) == 1
        stock.take(connection, UIDS[0], "front", WHO)
        (row,) = stock_places.summary(connection)
    assert {key: row[key] for key in ("batch", "supplier", "count", "listed", "who")} == {
        "batch": "first",
        "supplier": "Card Co",
        "count": 10,
        "listed": False,
        "who": WHO,
    }
    assert (row["blank"], row["void"], row["used"], row["desks"]) == (3, 3, 1, {"front": 2, "bar": 1})
    assert row["blank"] + row["void"] + row["used"] + sum(row["desks"].values()) == row["count"]


def test_nobody_takes_more_than_there_are(shop: Shop) -> None:
    with shop.opened.database.write() as connection:
        batch = counted(connection, 3)
        stock.move(connection, batch, "issued", "front", WHO, count=2)
    refused(shop, "1 cards are in the house, not 2", stock.move, batch, "issued", "front", WHO, count=2)
    refused(shop, "2 cards are at front, not 3", stock.move, batch, "blank", "front", WHO, count=3)
    refused(shop, "0 cards are at bar, not 1", stock.move, batch, "void", "bar", WHO, count=1)
    refused(shop, "not -1", stock.move, batch, "issued", "front", WHO, count=-1)
    refused(shop, "wants how many", stock.move, batch, "issued", "front", WHO)
    refused(shop, "wants how many", stock.move, batch, "issued", "front", WHO, uids=UIDS)
    refused(shop, "needs a name", stock.move, batch, "issued", "", WHO, count=1)
    refused(shop, "cannot become used", stock.move, batch, "used", "front", WHO, count=1)
    with shop.opened.database.write() as connection:
        stock.take(connection, UIDS[0], "front", WHO)
        stock.take(connection, UIDS[1], "front", WHO)
    refused(shop, "front has no blank card left", stock.take, UIDS[2], "front", WHO)
    refused(shop, "bar has no blank card left", stock.take, UIDS[2], "bar", WHO)


def test_listed_cards_are_known_one_by_one(shop: Shop) -> None:
    with shop.opened.database.write() as connection:
        batch = stock.add(connection, "first", "Card Co", WHO, uids=UIDS[:3])
        assert stock.move(connection, batch, "issued", "front", WHO, uids=UIDS[:2]) == 2
    refused(shop, "is not in the house", stock.move, batch, "issued", "bar", WHO, uids=UIDS[:1])
    refused(shop, "is not in the house", stock.move, batch, "issued", "bar", WHO, uids=UIDS[3:4])
    refused(shop, "is not at bar", stock.move, batch, "blank", "bar", WHO, uids=UIDS[:1])
    refused(shop, "twice", stock.move, batch, "blank", "front", WHO, uids=UIDS[:1] * 2)
    refused(shop, "wants the UIDs", stock.move, batch, "issued", "front", WHO, count=1)
    refused(shop, "issued at front by the stock, not issued to bar", stock.take, UIDS[0], "bar", WHO)
    refused(shop, "blank by the stock", stock.take, UIDS[2], "front", WHO)
    with shop.opened.database.write() as connection:
        stock.take(connection, UIDS[0], "front", WHO)
        stock.move(connection, batch, "blank", "front", WHO, uids=UIDS[1:2])
        stock.move(connection, batch, "issued", "bar", WHO, uids=UIDS[1:2])
    refused(shop, "used at front", stock.take, UIDS[0], "front", WHO)
    with shop.opened.database.read() as connection:
        (row,) = stock_places.summary(connection)
    assert (row["blank"], row["used"], row["desks"]) == (1, 1, {"bar": 1})


def test_no_card_of_ones_own_takes_the_place_of_a_listed_one(shop: Shop) -> None:
    with shop.opened.database.write() as connection:
        batch = stock.add(connection, "first", "Card Co", WHO, uids=UIDS[:2])
        stock.move(connection, batch, "issued", "front", WHO, uids=UIDS[:2])
    refused(shop, "front has no blank card left", stock.take, UIDS[3], "front", WHO)
    with shop.opened.database.write() as connection:
        for uid in UIDS[:2]:
            stock.take(connection, uid, "front", WHO)
        (row,) = stock_places.summary(connection)
    assert (row["used"], row["desks"]) == (2, {})


def test_what_is_no_batch_leaves_nothing_behind(shop: Shop) -> None:
    card = shop.card(0)
    for reason, given in (
        ("one of both", {}),
        ("one of both", {"count": 1, "uids": UIDS[:1]}),
        ("1 to 100000", {"count": 100_001}),
        ("1 to 100000", {"count": -1}),
        ("twice", {"uids": UIDS[:1] * 2}),
        ("no UID", {"uids": [b"\x01"]}),
        ("in the books already", {"uids": [UIDS[0], card.uid]}),
    ):
        refused(shop, reason, stock.add, "first", "Card Co", WHO, **given)
    refused(shop, "needs a name", stock.add, "", "Card Co", WHO, count=1)
    refused(shop, "needs a name", stock.add, "a\nb", "Card Co", WHO, count=1)
    refused(shop, "needs a name", stock.add, "first", "x" * 65, WHO, count=1)
    with shop.opened.database.write() as connection:
        stock.add(connection, "first", "Card Co", WHO, uids=UIDS[:1])
    refused(shop, "There is a batch", stock.add, "first", "Card Co", WHO, count=1)
    refused(shop, "in the books already", stock.add, "second", "Card Co", WHO, uids=UIDS[:1])
    refused(shop, "There is no batch", stock.find, "third")


def test_a_desk_makes_a_card_of_what_it_was_issued_and_a_former_card_costs_no_blank_one(shop: Shop) -> None:
    with shop.opened.database.write() as connection:
        batch = counted(connection, 2)
    with pytest.raises(RegistryError, match="desk has no blank card left"):
        shop.desk(blank()).issue(0)
    assert shop.query("SELECT count(*) FROM cards") == [(0,)]
    with shop.opened.database.write() as connection:
        stock.move(connection, batch, "issued", "desk", WHO, count=1)
    card = blank()
    shop.desk(card).issue(0)
    with shop.opened.database.write() as connection:
        assert stock_places.state_of(connection, card.uid) == (batch.id, "used", "desk")
        found = registry.newest(connection, card.uid)
        assert found is not None
        registry.become(connection, found, "returned", WHO)
        before = stock_places.summary(connection)
        registry.begin(connection, card.uid, 1, WHO)
        assert stock_places.summary(connection) == before
