"""The whole kiosk against what goes wrong around it: one tap is one sale, whatever reader and broker do."""

from collections.abc import Iterator
from copy import deepcopy
from random import Random

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from protocol.card import layout
from protocol.wire import topics
from simulator.card import DesfireCard
from simulator.reader.faults import Faults
from simulator.unit import KioskUnit
from simulator.wallet import HeldCard
from simulator.world import World

PRICE_FEN = 100
WAIT_S = 60.0


class Shop:
    """One kiosk, one card, and what the card still holds."""

    def __init__(self, world: World, unit: KioskUnit, held: HeldCard) -> None:
        self.world, self.unit, self.held = world, unit, held
        assert isinstance(held.card, DesfireCard)
        self.card = held.card

    @property
    def value_fen(self) -> int:
        return self.card.value_fen(layout.AID, layout.FILE_VALUE) or 0

    @property
    def faults(self) -> Faults:
        return self.unit.reader_faults

    def place(self) -> int:
        """Put the card there -> number of outcomes so far."""
        before = self.unit.outcomes
        self.unit.place(self.card)
        return before

    def outcome_after(self, before: int) -> None:
        assert self.unit.wait_for(lambda: self.unit.outcomes > before, WAIT_S), self.unit.screen()

    def take_away(self) -> None:
        self.unit.remove()
        assert self.unit.wait_unseen(WAIT_S)
        assert self.unit.kiosk.wait_screen("请刷卡", WAIT_S), self.unit.screen()

    def settle(self) -> None:
        assert self.unit.wait_for(lambda: self.unit.pending() == 0, WAIT_S), (
            self.unit.kiosk.board.console.tail()
        )

    def pays(self) -> None:
        """An ordinary tap still works, and takes the price once."""
        value_fen = self.value_fen
        self.outcome_after(self.place())
        assert self.unit.shows("支付成功"), self.unit.screen()
        self.take_away()
        self.settle()
        assert self.value_fen == value_fen - PRICE_FEN


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("faults"), seed=11) as made:
        yield made


@pytest.fixture(scope="module")
def built(world: World) -> Shop:
    unit = world.add_kiosk("K1", PRICE_FEN)
    shop = Shop(world, unit, world.add_purse("A", 10_000))
    assert unit.kiosk.wait_screen("联机", WAIT_S), unit.screen()
    return shop


@pytest.fixture
def shop(built: Shop) -> Iterator[Shop]:
    yield built
    built.card.tear_hook = None
    built.unit.remove()
    result = built.world.host.verify()
    assert result["ok"], result
    balance = built.world.host_card(built.held)
    assert balance is not None
    assert balance["balance_fen"] == built.value_fen
    assert built.unit.kiosk.problems() == []


def test_a_card_that_lies_there_through_a_reader_fault_pays_once(shop: Shop) -> None:
    value_fen = shop.value_fen
    shop.outcome_after(shop.place())
    assert shop.unit.shows("支付成功")
    shop.faults.hanging = True
    console = shop.unit.kiosk.board.console
    assert shop.unit.wait_for(lambda: "reader: reader is silent" in console.tail(), WAIT_S)
    assert shop.unit.kiosk.wait_screen("请先移开卡片", WAIT_S), (
        shop.unit.screen()
    )  # well again, the card still there
    outcomes = shop.unit.outcomes
    looks = shop.unit.looks
    assert shop.unit.wait_for(lambda: shop.unit.looks > looks + 10, WAIT_S)
    assert (shop.value_fen, shop.unit.outcomes) == (value_fen - PRICE_FEN, outcomes)
    shop.take_away()
    shop.pays()


@pytest.mark.parametrize("fault", ["corrupt_next_answer", "drop_next_answer", "drop_next_ack"])
def test_a_broken_frame_during_the_commit_is_settled_and_paid_once(shop: Shop, fault: str) -> None:
    value_fen = shop.value_fen

    def at_commit(when: str, step: str) -> None:
        if (when, step) == ("after", "commit seal"):
            setattr(shop.faults, fault, True)
            shop.card.tear_hook = None

    shop.card.tear_hook = at_commit
    before = shop.place()
    assert shop.unit.wait_for(lambda: shop.unit.shows("此卡已付", "支付成功"), WAIT_S), shop.unit.screen()
    shop.outcome_after(before)
    shop.take_away()
    shop.settle()
    assert shop.value_fen == value_fen - PRICE_FEN
    shop.pays()


def test_garbage_from_the_reader_takes_nothing_and_passes(shop: Shop) -> None:
    shop.faults.garbage_before_answer = bytes(range(256))
    shop.pays()


def test_garbage_on_the_topics_is_passed_over(shop: Shop) -> None:
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", shop.world.broker.port)
    client.loop_start()
    payloads = (b"", b"\x00", b"{}", b"\xff" * 40, bytes(5000), b"x" * 20_000)
    sent = [
        client.publish(topic("K1"), payload, 1)
        for topic in (topics.down, topics.up, topics.status)
        for payload in payloads
    ]
    for one in sent:
        one.wait_for_publish(WAIT_S)
    client.disconnect()
    client.loop_stop()
    assert shop.unit.kiosk.wait_screen("联机", WAIT_S)
    shop.pays()


def test_a_new_price_is_shown_before_it_is_taken(shop: Shop) -> None:
    value_fen = shop.value_fen
    shop.world.add_kiosk("K1", 250)
    assert shop.unit.kiosk.wait_screen("2.50", WAIT_S), shop.unit.screen()
    shop.outcome_after(shop.place())
    assert shop.value_fen == value_fen - 250
    shop.take_away()
    shop.world.add_kiosk("K1", PRICE_FEN)
    assert shop.unit.kiosk.wait_screen("1.00", WAIT_S), shop.unit.screen()
    shop.settle()


def test_a_card_that_lies_there_through_a_power_cut_pays_once(shop: Shop) -> None:
    value_fen = shop.value_fen
    shop.outcome_after(shop.place())
    shop.settle()
    shop.unit.power_cut()
    shop.unit.power_on()
    assert shop.unit.kiosk.wait_screen("请先移开卡片", WAIT_S), shop.unit.screen()
    outcomes, looks = shop.unit.outcomes, shop.unit.looks
    assert shop.unit.wait_for(lambda: shop.unit.looks > looks + 10, WAIT_S)
    assert (shop.value_fen, shop.unit.outcomes) == (value_fen - PRICE_FEN, outcomes)
    shop.take_away()
    shop.pays()


@pytest.mark.parametrize("operation, words", [(1, "支付成功"), (2, "此卡已付"), (3, "此卡已付")])
def test_whatever_flash_operation_of_a_tap_the_power_cuts_it_is_charged_once(
    shop: Shop, operation: int, words: str
) -> None:
    """Intent, result, and the note that the customer was told: who was left untold is told."""
    value_fen = shop.value_fen
    board = shop.unit.kiosk.board
    board.arm_power_cut(operation, seed=operation)
    shop.place()
    assert shop.unit.wait_for(lambda: not shop.unit.powered, WAIT_S)
    shop.unit.remove()
    shop.unit.power_on()
    assert shop.unit.kiosk.wait_screen("联机", WAIT_S), shop.unit.screen()
    assert shop.unit.wait_unseen(WAIT_S)
    shop.outcome_after(shop.place())
    assert shop.unit.shows(words), shop.unit.screen()
    shop.take_away()
    shop.settle()
    assert shop.value_fen == value_fen - PRICE_FEN
    shop.pays()


def test_of_two_cards_in_the_field_none_pays(shop: Shop, world: World) -> None:
    other = world.add_purse("B", 5_000)
    assert isinstance(other.card, DesfireCard)
    value_fen = shop.value_fen
    shop.unit.place(other.card)
    shop.unit.place(shop.card)
    assert shop.unit.kiosk.wait_screen("请只放一张卡", WAIT_S), shop.unit.screen()
    shop.take_away()
    other_fen = other.card.value_fen(layout.AID, layout.FILE_VALUE)
    # the first may have been served in the moment before the second came, but never both
    assert (5_000 - (other_fen or 0), value_fen - shop.value_fen) in ((0, 0), (PRICE_FEN, 0))
    shop.settle()
    shop.pays()


def test_a_card_and_a_copy_of_it_together_pay_nothing(shop: Shop) -> None:
    """They answer as one until their challenges differ, which the reader hears as noise."""
    value_fen = shop.value_fen
    copy = DesfireCard(shop.card.uid, Random(5), deepcopy(shop.card.chip.state))
    copy.in_field = True  # it lies on the card, and both come into the field at once
    shop.unit.field._cards.append(copy)
    shop.place()  # what is heard as noise is tried again and again: the screen changes
    assert shop.unit.wait_for(lambda: shop.unit.shows("未扣款"), WAIT_S), shop.unit.screen()
    assert (shop.value_fen, copy.value_fen(layout.AID, layout.FILE_VALUE)) == (value_fen, value_fen)
    shop.take_away()
    shop.pays()


def test_nobody_says_not_charged_while_a_sale_of_the_card_is_open(shop: Shop) -> None:
    value_fen = shop.value_fen
    for point, words in (("commit-sent", "结果未知"), ("auth", "结果未知")):
        shop.card.arm_pull(point)
        shop.outcome_after(shop.place())
        assert shop.unit.shows(words), shop.unit.screen()
        shop.take_away()
    shop.outcome_after(shop.place())
    assert shop.unit.shows("此卡已付"), shop.unit.screen()
    shop.take_away()
    shop.settle()
    assert shop.value_fen == value_fen - PRICE_FEN
