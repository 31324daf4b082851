import dataclasses
import random

import pytest
from pytest_mock import MockerFixture

from host.cards import personalise, registry
from host.cards.card_keys import card_keys
from host.cards.loads import LoadUnknown
from host.cards.readers import CardGone, ReaderError
from host.cards.registry import RegistryError
from host.ledger import loads
from protocol.card import apdu, layout
from protocol.card.purse import NotOurs
from simulator.card import DesfireCard
from tests.host.looks import holds, list_card, registered
from tests.host.rig import DirectConnection, Shop, blank, value_fen

COMMIT, SELECT, AUTHENTICATE = 0xC7, 0x5A, 0x71


def states(shop: Shop) -> list[str]:
    """Where each transaction stands now, in the order they were begun."""
    return [
        state
        for (state,) in shop.query(
            "SELECT coalesce(e.state, t.state) FROM transactions t LEFT JOIN transactions e ON e.ends = t.id"
            " WHERE t.ends IS NULL ORDER BY t.id"
        )
    ]


class Liar(DirectConnection):
    """Whoever sits between reader and card: lets the commit through and invents its answer."""

    fault: bytes | Exception = b""

    def send_and_receive(self, apdu: bytes) -> bytes:
        answer = super().send_and_receive(apdu)
        if apdu[1] != COMMIT:
            return answer
        if isinstance(self.fault, Exception):
            raise self.fault
        return self.fault


class Relay(DirectConnection):
    """Two cards behind one reader: the first answers for keys of a kiosk, the second for the credit key."""

    def __init__(self, fake: DesfireCard, real: DesfireCard) -> None:
        super().__init__(fake)
        self.cards = {False: DirectConnection(fake), True: DirectConnection(real)}
        self.to_real = False

    def send_and_receive(self, apdu: bytes) -> bytes:
        if apdu[1] == AUTHENTICATE:
            self.to_real = apdu[5] == layout.KEY_CREDIT
        if apdu[1] == SELECT:
            self.cards[not self.to_real].send_and_receive(apdu)
        return self.cards[self.to_real].send_and_receive(apdu)


def lost_answer(shop: Shop, amount_fen: int = 10_000) -> DesfireCard:
    """A card that took its first top-up while the desk does not know."""
    card = blank()
    card.arm_pull("commit-sent")
    with pytest.raises(LoadUnknown):
        shop.desk(card).issue(amount_fen)
    return card


def never_sent(shop: Shop, mocker: MockerFixture, card: DesfireCard, amount_fen: int) -> None:
    """A top-up that was planned when the host died."""
    mocker.patch("host.cards.loads.Loads._credit", side_effect=KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        shop.desk(card).load(registered(shop, card), amount_fen)
    mocker.stopall()
    card.leave_field()


def twin(shop: Shop, card: DesfireCard) -> DesfireCard:
    """What the holder of a stolen kiosk can make: the UID, the read and debit keys, and the card's data."""
    found = registered(shop, card)
    real = card_keys(shop.opened.keeper, found)
    keys = dataclasses.replace(real, picc=b"P" * 16, master=b"M" * 16, credit=b"C" * 16, tmac=b"T" * 16)
    made = DesfireCard(card.uid, random.Random(5))
    apdu.run(personalise.personalise(found, keys), DirectConnection(made).send_and_receive)
    return made


@pytest.mark.parametrize(
    "fault",
    [
        b"\x91\xae",
        b"\x91\x0c",
        b"\x91\x00",
        b"\x6a\x82",
        bytes(20) + b"\x91\x00",
        CardGone(),
        ReaderError("unplugged"),
    ],
    ids=repr,
)
def test_after_the_commit_was_sent_no_answer_but_proof_decides(shop: Shop, fault: bytes | Exception) -> None:
    card, desk = blank(), shop.desk(blank())
    desk.connection = liar = Liar(card)
    liar.fault = fault
    with pytest.raises(LoadUnknown, match="stays pending"):
        desk.issue(10_000)
    assert (value_fen(card), states(shop)) == (10_000, ["pending"])
    assert shop.desk(card).issue(10_000)["balance_fen"] == value_fen(card) == 10_000
    assert states(shop) == ["posted"]
    holds(shop)


def test_a_twin_made_with_a_kiosk_s_keys_voids_nothing(shop: Shop) -> None:
    card = lost_answer(shop)
    fake = twin(shop, card)
    for amount_fen in (10_000, 0):
        with pytest.raises(NotOurs):
            shop.desk(fake).issue(amount_fen)
    assert states(shop) == ["pending"]
    assert shop.desk(card).issue(10_000)["balance_fen"] == value_fen(card) == 10_000
    holds(shop)


def test_a_twin_that_has_the_real_card_answer_for_the_credit_key_voids_nothing(shop: Shop) -> None:
    card = lost_answer(shop)
    desk = shop.desk(card)
    desk.connection = Relay(twin(shop, card), card)
    with pytest.raises(LoadUnknown, match="contradict each other"):
        desk.issue(10_000)
    assert (states(shop), shop.alarms()) == (["pending"], ["load-doubt"])
    assert value_fen(card) == 10_000


@pytest.mark.parametrize(("asked_fen", "after_fen"), [(10_000, 7500), (0, 7500), (500, 8000)])
def test_a_sale_after_a_lost_answer_proves_the_top_up(shop: Shop, asked_fen: int, after_fen: int) -> None:
    kiosk, card = shop.connected(), lost_answer(shop)
    shop.tell(kiosk, shop.sale(kiosk, card))
    assert shop.desk(card).issue(asked_fen)["balance_fen"] == value_fen(card) == after_fen
    assert set(states(shop)) == {"posted"}
    holds(shop)
    card.leave_field()
    shop.tell(kiosk, shop.sale(kiosk, card))
    holds(shop)


def test_a_sale_that_nobody_reported_leaves_the_top_up_open_until_it_is(shop: Shop) -> None:
    kiosk, card = shop.connected(), lost_answer(shop)
    unsent = shop.sale(kiosk, card)
    for amount_fen in (10_000, 0):
        with pytest.raises(LoadUnknown, match=r"a top-up of 10000 fen .* until all kiosks have"):
            shop.desk(card).issue(amount_fen)
    assert (states(shop), value_fen(card)) == (["pending"], 7500)
    shop.tell(kiosk, unsent)
    assert shop.desk(card).issue(10_000)["balance_fen"] == value_fen(card) == 7500
    holds(shop)


def test_a_sale_at_the_top_up_s_own_counter_proves_that_it_never_came_about(
    shop: Shop, mocker: MockerFixture
) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    never_sent(shop, mocker, card, 700)
    shop.tell(kiosk, shop.sale(kiosk, card))
    assert shop.desk(card).issue(700)["balance_fen"] == value_fen(card) == 8200
    assert states(shop) == ["posted", "voided", "posted", "posted"]
    holds(shop)


def test_nothing_asked_settles_what_is_open_and_loads_nothing(shop: Shop, mocker: MockerFixture) -> None:
    card = shop.card(10_000)
    never_sent(shop, mocker, card, 700)
    assert shop.desk(card).issue(0)["balance_fen"] == value_fen(card) == 10_000
    assert states(shop) == ["posted", "voided"]
    with pytest.raises(RegistryError, match="issued already"):
        shop.desk(card).issue(0)


def test_no_second_top_up_is_planned_beside_one_that_is_under_way(shop: Shop, mocker: MockerFixture) -> None:
    card = shop.card(10_000)
    never_sent(shop, mocker, card, 700)
    mocker.patch("host.cards.loads.Loads._settle", return_value=[])  # it began after we had looked
    with pytest.raises(RegistryError, match="is under way"):
        shop.desk(card).load(registered(shop, card), 500)
    assert states(shop) == ["posted", "pending"]


def test_a_card_reported_lost_meanwhile_is_not_loaded(shop: Shop) -> None:
    card = shop.card(10_000)
    found = registered(shop, card)
    with shop.opened.database.write() as connection:
        registry.become(connection, found, "lost", "operator:desk")
    with pytest.raises(RegistryError, match="not active any more"):
        shop.desk(card).load(found, 500)
    assert value_fen(card) == 10_000


def test_a_hotlisted_card_is_not_loaded(shop: Shop) -> None:
    card = shop.card(0)
    list_card(shop, card.uid)
    for ask in (shop.desk(card).issue, lambda fen: shop.desk(card).load(registered(shop, card), fen)):
        with pytest.raises(RegistryError, match="is on the hotlist"):
            ask(5000)
    assert (value_fen(card), states(shop)) == (0, [])


def test_a_hotlisted_card_is_not_issued_at_all(shop: Shop) -> None:
    card = blank()
    list_card(shop, card.uid)
    with pytest.raises(RegistryError, match="is on the hotlist"):
        shop.desk(card).issue(0)
    assert shop.look(registry.newest, card.uid) is None


def test_a_hotlisted_card_still_settles_what_is_open(shop: Shop) -> None:
    card = lost_answer(shop)
    list_card(shop, card.uid)
    with pytest.raises(RegistryError, match="is on the hotlist"):
        shop.desk(card).issue(500)
    assert (value_fen(card), states(shop)) == (10_000, ["posted"])
    assert shop.look(loads.pending_loads, card.uid, 1) == []
    holds(shop)
