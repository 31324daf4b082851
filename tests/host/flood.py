"""Sales that reach a host faster than it books them, and what must be true of them afterwards."""

from dataclasses import dataclass

from protocol.wire.messages import ACK
from simulator.card import DesfireCard
from tests.host.looks import balance, holds
from tests.host.process import Host
from tests.host.rig import Shop
from tests.host.terminals.line.online import OnLine
from tests.waiting import until


def say_hello(online: OnLine, host: Host) -> None:
    until(lambda: host.get("/health")["mqtt"])
    online.say(online.kiosk.hello())
    until(lambda: online.heard(ACK))


@dataclass
class Flood:
    """Sales on their way to the host, which has acknowledged the first of them."""

    shop: Shop
    online: OnLine
    card: DesfireCard
    sales: list[bytes]

    def __post_init__(self) -> None:
        for sale in self.sales:
            self.online.client.publish(self.online.kiosk.topic, sale, qos=1)
        until(lambda: self.online.acknowledged(1))

    def keeps_what_was_acknowledged(self) -> None:
        held = max(values["upto"] for kind, values in self.online.kiosk.inbox if kind == ACK)
        assert self.shop.query("SELECT count(*) FROM reports")[0][0] >= held

    def is_told_again(self) -> None:
        """To another host: each sale is booked once."""
        for sale in self.sales:
            self.online.say(sale)
        until(lambda: self.online.acknowledged(len(self.sales)))
        assert balance(self.shop, self.card) == 10_000 - len(self.sales)
        holds(self.shop)
