"""What one batch has read is good for the next one, until anybody writes."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from host.cards import hotlist, notes, registry
from host.db.connection import Connection
from host.db.lite import Lite
from host.ledger import lots
from host.ledger.books import Books
from host.ledger.chart import card_owner
from host.ledger.terms import Why
from host.terminals.fleet import revoked
from host.terminals.intake.batch import Batches
from host.terminals.reported.acks import TAKEN
from host.terminals.talk import news
from protocol.wire import faults, greeting, messages
from protocol.wire.messages import ACK
from tests.host.keyed import WHO, KeyedCard, keyed_cards
from tests.host.looks import holds
from tests.host.rig import NOW_S, KioskSide, Shop, open_shop

Change = Callable[[Connection], object]


@pytest.fixture
def card(shop: Shop) -> KeyedCard:
    return keyed_cards(shop, 1)[0]


@pytest.fixture
def kiosk(shop: Shop, card: KeyedCard) -> KioskSide:
    """One of which a batch of nothing but a plain sale was just written."""
    one = shop.connected()
    for _ in range(2):  # the first opens its account
        shop.tell(one, card.sale(one))
    return one


def here(shop: Shop, change: Change) -> None:
    """By the writer itself, in another transaction."""
    with shop.opened.database.write() as connection:
        change(connection)


def elsewhere(shop: Shop, change: Change) -> None:
    """On another connection, as all the world does."""

    def work() -> None:
        here(shop, change)
        shop.opened.database.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


BOTH = pytest.mark.parametrize("by", [here, elsewhere])
By = Callable[[Shop, Change], None]


def flags(shop: Shop) -> list[str]:
    return [row[0] for row in shop.query("SELECT flag FROM card_flags")]


@BOTH
def test_a_kiosk_that_was_revoked_meanwhile_is_told_nothing(
    shop: Shop, kiosk: KioskSide, card: KeyedCard, by: By
) -> None:
    by(shop, lambda connection: revoked.revoke(connection, kiosk.name, "stolen", WHO))
    assert shop.tell(kiosk, card.sale(kiosk)) == {}
    assert flags(shop) == [revoked.FLAG]


@BOTH
def test_a_card_that_was_listed_meanwhile_is_flagged(
    shop: Shop, kiosk: KioskSide, card: KeyedCard, by: By
) -> None:
    by(shop, lambda connection: hotlist.add(connection, card.uid, "found", WHO))
    shop.tell(kiosk, card.sale(kiosk))
    assert flags(shop) == ["hotlisted"]


@BOTH
def test_a_number_that_another_message_took_is_not_taken_again(
    shop: Shop, kiosk: KioskSide, card: KeyedCard, by: By
) -> None:
    known = shop.kiosks.find(kiosk.name)
    assert known is not None
    noted = partial(news.sealed_for, kiosk=known, kind=faults.NOTED, fault=bytes(8))
    by(shop, lambda connection: kiosk.hear(noted(connection)[1]))
    assert ACK in shop.tell(kiosk, card.sale(kiosk))


@BOTH
def test_what_is_noted_of_a_card_is_said_at_its_next_sale(
    shop: Shop, kiosk: KioskSide, card: KeyedCard, by: By
) -> None:
    def note(connection: Connection) -> None:
        notes.write(connection, registry.known(connection, card.uid), "金卡", None, WHO)

    by(shop, note)
    assert set(shop.tell(kiosk, card.sale(kiosk))) == {greeting.GREETING, ACK}
    assert set(shop.tell(kiosk, card.sale(kiosk))) == {greeting.GREETING, ACK}, "by a number of its own"


@BOTH
def test_so_are_the_first_points_that_anybody_gets_and_the_chain_goes_on_from_there(
    shop: Shop, kiosk: KioskSide, card: KeyedCard, by: By
) -> None:
    def earn(connection: Connection) -> None:
        books = Books(connection, 0)
        account = books.open_(card_owner(card.uid, 1), "points", "points")
        lots.earn(books, Why("gift", "x", WHO, NOW_S), account, 5, None)
        books.flush()

    by(shop, earn)
    assert set(shop.tell(kiosk, card.sale(kiosk))) == {greeting.GREETING, ACK}
    shop.tell(kiosk, card.sale(kiosk))
    holds(shop)


def test_a_hello_among_sales_changes_the_nonce_for_all_that_follow(
    shop: Shop, kiosk: KioskSide, card: KeyedCard
) -> None:
    heard = shop.tell(kiosk, card.sale(kiosk), kiosk.hello(b"nonce--2"), card.sale(kiosk))
    assert set(heard) > {ACK, messages.WELCOME}
    assert heard[ACK]["upto"] == kiosk.counter
    assert shop.tell(kiosk, card.sale(kiosk))[ACK]["upto"] == kiosk.counter
    holds(shop)


def test_a_batch_that_was_taken_back_leaves_nothing_of_it(
    shop: Shop, kiosk: KioskSide, card: KeyedCard, mocker: MockerFixture
) -> None:
    sale = card.sale(kiosk)
    mocker.patch.object(shop.opened.database, "commit", side_effect=OSError("disk full"))
    with pytest.raises(OSError, match="disk full"):
        shop.tell(kiosk, sale)
    mocker.stopall()
    heard = kiosk.heard
    assert shop.tell(kiosk, sale)[ACK]["verdicts"] == [[kiosk.counter, messages.BOOKED, card.value_fen]]
    assert kiosk.heard > heard
    holds(shop)


def test_numbers_of_messages_are_taken_some_at_a_time_and_nobody_uses_one_again(
    tmp_path: Path, mocker: MockerFixture
) -> None:
    shop = open_shop(tmp_path / "shop")
    kiosk, (card,) = shop.connected(), keyed_cards(shop, 1)
    for _ in range(2):
        shop.tell(kiosk, card.sale(kiosk))
    changed = mocker.spy(Lite, "update_flat")
    first = kiosk.heard
    for _ in range(2 * TAKEN):
        assert ACK in shop.tell(kiosk, card.sale(kiosk))
    assert kiosk.heard == first + 2 * TAKEN, "one after the other"
    rows = [
        values for _, table, *_, values in (call.args for call in changed.call_args_list) if "sess" in table
    ]
    assert sum(map(bool, rows)) in (1, 2)
    shop.batches = Batches(shop.opened.database, shop.opened.keeper, shop.kiosks)
    shop.opened.database.close()  # as after a restart: nothing is remembered
    assert ACK in shop.tell(kiosk, card.sale(kiosk)), "above all that it heard, or it would not listen"
    assert first + 2 * TAKEN < kiosk.heard <= first + 3 * TAKEN + 1


def test_a_batch_after_a_plain_one_asks_nothing_again(tmp_path: Path, mocker: MockerFixture) -> None:
    shop = open_shop(tmp_path / "shop")  # a file's: a server's books can change at any time
    kiosk, (card,) = shop.connected(), keyed_cards(shop, 1)
    for _ in range(2):
        shop.tell(kiosk, card.sale(kiosk))
    asked = [mocker.spy(revoked, "stand"), mocker.spy(notes, "are_any")]
    for calls in (1, 1, 2):  # a spy is another question, once
        if calls == 2:
            shop.tell(kiosk, kiosk.hello(b"nonce--2"))
        shop.tell(kiosk, card.sale(kiosk))
    assert [spy.call_count for spy in asked] == [2, 2]
