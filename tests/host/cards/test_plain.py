"""Plain cards: what their UID may be, what they may spend a day, and how often a PIN may be wrong."""

import time
from pathlib import Path

import pytest

from host import clock
from host.cards import hotlist, pins, plain, registry
from host.cards.registry import Card, RegistryError
from host.ledger import corrections, held
from host.ledger.books import book
from host.ledger.terms import Transfer, Why
from tests.host.looks import holds
from tests.host.rig import NOW_S, Shop

UID = bytes.fromhex("00A2B304")
WHO = "operator:desk"


@pytest.fixture(autouse=True)
def wall_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host stands in China; it is now NOW_S."""
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    monkeypatch.setattr(clock, "now_s", lambda: NOW_S)


def card_with(shop: Shop, balance_fen: int, uid: bytes = UID) -> Card:
    with book(shop.opened.database) as books:
        card = plain.register(books, uid, WHO)
        held.take_over(books, uid, card.issue, balance_fen, WHO)
    return card


def spend(shop: Shop, card: Card, amount_fen: int) -> int:
    """A payment that was decided."""
    with book(shop.opened.database) as books:
        owner = held.open_(books, card.uid, card.issue)
        why = Why("try", None, "kiosk:K1", clock.now_s())
        return books.post(why, [Transfer(owner, books.open_("site:shop", "sales"), amount_fen)])


def may_pay(shop: Shop, card: Card, amount_fen: int, pin: str | None = None, at_s: int = NOW_S) -> str | None:
    with shop.opened.database.write() as connection:
        return plain.may_pay(connection, card, amount_fen, pin, at_s)


@pytest.mark.parametrize("uid", ["00A2B304", "04A2B304050680", "0012345678ABCDEF", "04A2B304050607080910"])
def test_a_card_of_any_uid_is_shown_as_weak(shop: Shop, uid: str) -> None:
    card = card_with(shop, 5000, bytes.fromhex(uid))
    shown = shop.look(registry.to_json, card)
    assert (shown["uid"], shown["kind"], shown["weak"]) == (uid, "plain", True)
    assert (shown["balance_fen"], shown["state"]) == (5000, "active")
    assert may_pay(shop, card, 100) is None


@pytest.mark.parametrize(
    ("uid", "why"),
    [
        ("", "is no UID"),
        ("0102030405", "is no UID"),
        ("04A2B30405060708091011", "is no UID"),
        ("08A2B304", "a random UID"),
        ("88A2B304", "beginning of a longer UID"),
        ("00000000", "blank or broken"),
        ("FFFFFFFFFFFFFF", "blank or broken"),
    ],
)
def test_what_names_no_card(shop: Shop, uid: str, why: str) -> None:
    with pytest.raises(RegistryError, match=why):
        card_with(shop, 1, bytes.fromhex(uid))
    assert shop.query("SELECT count(*) FROM cards") == [(0,)]


def test_a_card_is_registered_once_and_a_hotlisted_one_not_at_all(shop: Shop) -> None:
    card_with(shop, 1)
    with pytest.raises(RegistryError, match="is active; it cannot be issued anew"):
        card_with(shop, 1)
    with shop.opened.database.write() as connection:
        hotlist.add(connection, b"\x01\x02\x03\x04", "listed", WHO)
    with pytest.raises(RegistryError, match="on the hotlist"):
        card_with(shop, 1, b"\x01\x02\x03\x04")


def test_so_much_a_day_by_the_clock_on_the_wall(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    card = card_with(shop, 100_000)
    assert may_pay(shop, card, plain.DAILY_FEN) is None
    assert may_pay(shop, card, plain.DAILY_FEN + 1) == plain.DAILY
    spend(shop, card, 15_000)
    assert may_pay(shop, card, 5000) is None and may_pay(shop, card, 5001) == plain.DAILY
    spend(shop, card, 5000)
    assert may_pay(shop, card, 1) == plain.DAILY
    began = plain.day_began_s(NOW_S)
    assert time.strftime("%H:%M", time.localtime(began)) == "00:00" and (began + 8 * 3600) % 86400 == 0
    for at_s, why in ((began + 86400 - 1, plain.DAILY), (began + 86400, None)):
        monkeypatch.setattr(clock, "now_s", lambda at_s=at_s: at_s)
        assert may_pay(shop, card, 20_000, at_s=at_s) == why


def test_what_was_reversed_is_not_spent(shop: Shop) -> None:
    card = card_with(shop, 100_000)
    number = spend(shop, card, 20_000)
    with book(shop.opened.database) as books:
        corrections.reverse(books, number, WHO)
    assert shop.look(held.spent_since, card.uid, 1, 0) == 0
    assert may_pay(shop, card, 20_000) is None
    holds(shop)


def test_limits_of_the_house_and_of_a_card(shop: Shop) -> None:
    card = card_with(shop, 100_000)
    with shop.opened.database.write() as connection:
        connection.execute("INSERT INTO settings (name, value) VALUES (?, ?)", (plain.DAILY_SETTING, "30000"))
    assert may_pay(shop, card, 30_000) is None and may_pay(shop, card, 30_001) == plain.DAILY
    with shop.opened.database.write() as connection:
        plain.set_daily(connection, card, 100, WHO)
        with pytest.raises(RegistryError, match="daily limit is of 0"):
            plain.set_daily(connection, card, -1, WHO)
    assert may_pay(shop, card, 100) is None and may_pay(shop, card, 101) == plain.DAILY


def test_no_more_than_there_is_and_only_while_it_lives(shop: Shop) -> None:
    card = card_with(shop, 50)
    assert may_pay(shop, card, 51) == plain.BALANCE
    with shop.opened.database.write() as connection:
        hotlist.add(connection, card.uid, "listed", WHO)
    assert may_pay(shop, card, 1) == plain.HOT
    with shop.opened.database.write() as connection:
        registry.become(connection, card, "lost", WHO)
    assert may_pay(shop, card, 1) == plain.STATE
    assert may_pay(shop, Card(b"1234", 1, "9", 0, "active", "plain"), 1) == plain.NOT_PLAIN
    purse = shop.card(100)
    found = shop.look(registry.newest, purse.uid)
    assert found is not None and may_pay(shop, found, 1) == plain.NOT_PLAIN


def with_pin(shop: Shop, pin: str | None) -> Card:
    card = card_with(shop, 1000)
    with shop.opened.database.write() as connection:
        pins.set_(connection, card, pin, WHO)
    return card


def test_a_pin_is_asked_where_one_was_set(shop: Shop) -> None:
    card = with_pin(shop, "2580")
    assert may_pay(shop, card, 1) == pins.NEEDED
    assert may_pay(shop, card, 1, "2580") is None
    assert may_pay(shop, card, 5000, "0000") == pins.WRONG, "a wrong PIN learns nothing of the money"
    with shop.opened.database.write() as connection:
        pins.set_(connection, card, None, WHO)
    assert may_pay(shop, card, 1) is None


@pytest.mark.parametrize("wrong", ["0000", "", "25800", "abcd", "２５８０", "2580 ", "2" * 10_000])
def test_after_so_many_wrong_tries_an_operator_is_asked(shop: Shop, wrong: str) -> None:
    card = with_pin(shop, "2580")
    for _ in range(pins.TRIES_MAX - 1):
        assert may_pay(shop, card, 1, wrong) == pins.WRONG
    assert may_pay(shop, card, 1, wrong) == pins.BLOCKED
    assert may_pay(shop, card, 1, "2580") == may_pay(shop, card, 1) == pins.BLOCKED, "the right one too"
    assert shop.look(registry.flags, card.uid, 1) == ["PIN blocked"]
    with shop.opened.database.write() as connection:
        pins.unblock(connection, card, WHO)
    assert may_pay(shop, card, 1, "2580") is None
    assert [who for (who,) in shop.query("SELECT who FROM card_pins")] == [WHO, WHO]


def test_a_right_pin_takes_the_count_back(shop: Shop) -> None:
    card = with_pin(shop, "2580")
    for _ in range(3):
        for _ in range(pins.TRIES_MAX - 1):
            assert may_pay(shop, card, 1, "1357") == pins.WRONG
        assert may_pay(shop, card, 1, "2580") is None
    assert shop.look(pins.wrong_tries, card) == 0


@pytest.mark.parametrize("pin", ["", "123", "123456789", "12a4", "1111", "１２３４", "1234\n"])
def test_what_may_be_no_pin(shop: Shop, pin: str) -> None:
    card = card_with(shop, 1)
    with shop.opened.database.write() as connection, pytest.raises(RegistryError, match="A PIN"):
        pins.set_(connection, card, pin, WHO)
    assert may_pay(shop, card, 1) is None


def test_a_pin_is_nowhere_in_the_clear(shop: Shop, data: Path) -> None:
    with_pin(shop, "73914682")
    (kept,) = shop.query("SELECT stretched FROM card_pins")[0]
    assert kept.startswith("$argon2id$") and "73914682" not in kept
    for path in data.iterdir():
        if path.is_file():
            assert b"73914682" not in path.read_bytes()
