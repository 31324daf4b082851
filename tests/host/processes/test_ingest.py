import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from host.ledger import chain
from simulator.broker import Broker
from simulator.leash import Leash
from tests.host.keyed import journal, keyed_cards
from tests.host.looks import holds
from tests.host.process import Host, refuses
from tests.host.rig import Shop, open_shop
from tests.host.terminals.line.online import OnLine
from tests.waiting import until

WORKERS, KIOSKS, SALES = 3, 6, 60


@pytest.fixture
def broker_kind() -> str:
    from simulator.broker import find_mosquitto

    if find_mosquitto() is None:  # iotcore shares no subscription
        pytest.skip("needs apt package mosquitto")
    return "mosquitto"


@pytest.fixture
def shop(tmp_path: Path, postgres_url: str) -> Shop:
    return open_shop(tmp_path / "data", postgres_url)


@pytest.fixture
def host(shop: Shop, broker: Broker, leash: Leash) -> Iterator[Host]:
    host = Host(shop.opened.data, broker.port, leash, "--workers", str(WORKERS))
    yield host
    host.close()


@pytest.fixture
def kiosks(shop: Shop, broker: Broker) -> Iterator[list[OnLine]]:
    lines = [OnLine(shop.kiosk(f"K{n}"), broker.port) for n in range(KIOSKS)]
    for line in lines:
        line.kiosk.drops_old = True
    yield lines
    for line in lines:
        line.stop()


def test_workers_share_the_load_and_nothing_is_booked_twice(
    shop: Shop, kiosks: list[OnLine], host: Host
) -> None:
    """Each sale is sent three times, alone and in a journal: two workers decide about the same one."""
    rng, cards = random.Random(3), keyed_cards(shop, 12)
    until(lambda: host.get("/health")["mqtt"])
    for line in kiosks:
        line.say(line.kiosk.hello())
    until(lambda: all(line.acknowledged(0) for line in kiosks))
    for line in kiosks:
        paid = [rng.choice(cards).pay(line.kiosk, rng.randrange(1, 9)) for _ in range(SALES)]
        for at in range(0, SALES, 10):
            part = paid[at : at + 10]
            for message in [journal(line.kiosk, part)] * 2 + [journal(line.kiosk, [one]) for one in part]:
                line.client.publish(line.kiosk.topic, message, qos=1)
    for (
        line
    ) in kiosks:  # of two acknowledgements in the wrong order the older is dropped: it is asked for again
        line.insist(line.kiosk.hello(), SALES)
    numbers = [number for (number,) in shop.query("SELECT id FROM transactions WHERE kind = 'sale'")]
    assert len(numbers) == KIOSKS * SALES
    by_writer = Counter(chain.writer_of(number) for number in numbers)
    assert len(by_writer) > 1, by_writer
    holds(shop)


def test_several_workers_on_one_file_are_refused(tmp_path: Path) -> None:
    data = open_shop(tmp_path / "data").opened.data
    sentence = refuses(4, "serve", "--data", str(data), "--port", "0", "--workers", "2")
    assert "Several workers need PostgreSQL" in sentence
