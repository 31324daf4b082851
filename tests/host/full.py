"""What has to be true of a host whose disk takes nothing more, and afterwards."""

import json
import urllib.error
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from protocol.wire.messages import ACK
from simulator.broker import Broker
from simulator.card import DesfireCard
from simulator.leash import Leash
from tests.host.flood import say_hello
from tests.host.ledger import audit
from tests.host.looks import balance
from tests.host.process import Host
from tests.host.rig import Shop
from tests.host.terminals.line.online import OnLine
from tests.waiting import until

STUCK = "the books cannot be written; nothing is acknowledged until they can"


@contextmanager
def serving(shop: Shop, broker: Broker, leash: Leash) -> Iterator[tuple[Host, OnLine, DesfireCard]]:
    card = shop.card(10_000)
    online = OnLine(shop.kiosk(), broker.port)
    host = Host(shop.opened.data, broker.port, leash)
    try:
        say_hello(online, host)
        yield host, online, card
    finally:
        online.stop()
        host.close()
        shop.opened.database.close()


def well(host: Host) -> bool:
    try:
        return bool(host.get("/health")["ok"])
    except urllib.error.HTTPError as error:
        assert error.code == 503 and json.load(error)["ok"] is False
        return False


def goes_on_after(
    fill_up: Callable[[Host], Callable[[], object]], shop: Shop, broker: Broker, leash: Leash
) -> None:
    """fill_up(host) -> what makes room again."""
    with serving(shop, broker, leash) as (host, online, card):
        online.say(shop.sale(online.kiosk, card, 1))
        until(lambda: online.acknowledged(1))
        make_room = fill_up(host)
        sales = [shop.sale(online.kiosk, card, 1) for _ in range(20)]
        for sale in sales:
            online.say(sale)
        until(lambda: STUCK in host.said())
        until(lambda: not well(host))
        held = max(values["upto"] for kind, values in online.kiosk.inbox if kind == ACK)
        assert held < len(sales) + 1
        assert shop.query("SELECT count(*) FROM reports") == [(held,)], "what is acknowledged, and no more"
        with shop.opened.database.read() as connection:
            audit.audit(connection)
        make_room()
        online.insist(sales[-1], len(sales) + 1)
        until(lambda: well(host))
        assert host.said().count(STUCK) == 1 and "Traceback" not in host.said()
        assert host.said().count("the books can be written again") == 1
        assert balance(shop, card) == 10_000 - len(sales) - 1
        with shop.opened.database.read() as connection:
            audit.audit(connection)
        assert host.end() == 0
