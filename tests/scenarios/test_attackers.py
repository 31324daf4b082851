"""A whole shop with a real host, and people who would have more of it than is theirs: a clerk who gives back
what is on the card, a thief who shows again what a card said in a former life."""

from collections.abc import Iterator

import pytest

from protocol.wire import bundle, envelope, messages
from protocol.wire.mac import kiosk_keys
from simulator.card import DesfireCard
from simulator.host import HostRefusal
from simulator.scenario import checks
from simulator.wallet import HeldCard
from simulator.world import World
from tests.waiting import until


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("clerk"), seed=6) as made:
        yield made


def torn_top_up(world: World, name: str, point: str) -> HeldCard:
    """A card with 100.00 and a top-up of 50.00, pulled at this point."""
    held = world.add_purse(name, 10_000)
    assert isinstance(held.card, DesfireCard)
    held.card.arm_pull(point)
    assert "stays pending" in world.counter.top_up(held, 5_000, there=True)
    return held


def cancel(world: World, held: HeldCard) -> None:
    world.counter.act("cancel-top-up", uid=held.uid, reason="wrong amount")


def balance_fen(world: World, held: HeldCard) -> int:
    known = world.host_card(held)
    assert known is not None
    return int(known["balance_fen"])


def test_a_top_up_that_may_be_on_the_card_is_not_given_back_and_not_repeated(world: World) -> None:
    held = torn_top_up(world, "A", "commit-sent")
    assert held.value_fen() == 15_000
    assert checks.verify(world) is None  # 50.00 more on the card than in the books: they are pending
    with pytest.raises(HostRefusal) as refused:
        cancel(world, held)
    assert refused.value.status == 409
    world.counter.at_reader(held.card, lambda reader: world.counter.act("collect", reader=reader))
    assert (held.value_fen(), balance_fen(world, held)) == (15_000, 15_000)
    with pytest.raises(HostRefusal):
        cancel(world, held)
    assert checks.verify(world) is None


def test_nor_when_the_card_is_said_to_be_lost_but_its_successor_has_it(world: World) -> None:
    held = torn_top_up(world, "B", "commit-sent")
    world.counter.report("lost", held)
    with pytest.raises(HostRefusal, match="may be on it already"):
        cancel(world, held)
    new = world.add_purse("C", 0)
    assert world.counter.replace(held, new) == ""
    assert (new.value_fen(), balance_fen(world, new), balance_fen(world, held)) == (15_000, 15_000, 0)
    for card in (held, new):
        with pytest.raises(HostRefusal):
            cancel(world, card)
    assert checks.verify(world) is None


def test_what_a_card_said_in_a_former_life_proves_nothing_in_this_one(world: World) -> None:
    """A thief has a kiosk's secret and a report of the life before, and makes a new report of it."""
    unit = world.add_kiosk("K1", 2_500)
    assert unit.kiosk.wait_screen("联机", 15)
    held = world.add_purse("D", 10_000)
    before = unit.outcomes
    unit.place(held.card)
    assert unit.wait_for(lambda: unit.outcomes > before, 15) and unit.shows("支付成功"), unit.screen()
    unit.remove()
    assert checks.settle(world) is None
    up_key = kiosk_keys(bundle.decode((world.folder / "kiosks/K1/bundle.cbor").read_bytes())["secret"])[0]
    opened = [envelope.open_(up_key, messages.UP, "K1", raw) for raw in world.observer.last_up("K1", 50)]
    (sequence, sale) = next((number, body) for number, kind, body in opened if kind == messages.SALE)

    world.counter.at_reader(
        held.card, lambda reader: world.counter.act("refund", reader=reader, reason="moves away")
    )
    world.issue(held, 10_000)
    known = world.host_card(held)
    assert known is not None and known["issue"] == 2
    forged = messages.fields(messages.SALE, sale) | {"issue": 2}
    body = messages.body(messages.SALE, **forged)
    for number in (sequence, (sequence[0], sequence[1] + 1)):  # its number is in the MAC too
        world.observer.publish_up("K1", envelope.seal(up_key, messages.UP, "K1", number, messages.SALE, body))
    until(lambda: len(world.host.get("/suspects")["suspects"]) == 2)
    kept = world.host.get("/suspects")["suspects"]
    assert [suspect["reason"] for suspect in kept] == ["wrong TMV"] * 2
    assert (held.value_fen(), balance_fen(world, held)) == (10_000, 10_000)
    assert checks.verify(world) is None
