import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from host.ledger import accounts, verify
from host.service import Service
from protocol.wire import topics
from protocol.wire.messages import ACK, CONFIG, WELCOME
from simulator.broker import Broker
from tests.host.rig import KioskSide, Shop
from tests.host.terminals.test_intake import until

Start = Callable[[], Service]


class OnLine:
    """A kiosk's own MQTT client."""

    def __init__(self, kiosk: KioskSide, port: int) -> None:
        self.kiosk = kiosk
        self.subscribed = threading.Event()
        self.client = paho.Client(CallbackAPIVersion.VERSION2, client_id=kiosk.name)
        self.client.reconnect_delay_set(1, 1)
        self.client.will_set(topics.status(kiosk.name), b"offline", retain=True)
        self.client.on_connect = self._connected
        self.client.on_subscribe = lambda *_: self.subscribed.set()
        self.client.on_message = lambda _client, _data, message: self.kiosk.hear(bytes(message.payload))
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        assert self.subscribed.wait(10)

    def _connected(self, client: paho.Client, *_: object) -> None:
        client.subscribe(topics.down(self.kiosk.name), 1)
        client.publish(topics.status(self.kiosk.name), b"online", retain=True)

    def say(self, payload: bytes) -> None:
        self.client.publish(self.kiosk.topic, payload, qos=1).wait_for_publish(10)

    def heard(self, kind: int) -> bool:
        return any(found == kind for found, _ in self.kiosk.inbox)

    def acknowledged(self, upto: int) -> bool:
        return any(kind == ACK and values["upto"] >= upto for kind, values in self.kiosk.inbox)

    def stop(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def start(shop: Shop, broker: Broker) -> Iterator[Start]:
    """Starts services on the shop's books; whatever still runs is stopped at the end."""
    started: list[Service] = []

    def one() -> Service:
        service = Service(shop.opened, "127.0.0.1", broker.port)
        service.start()
        started.append(service)
        return service

    yield one
    for service in started:
        if service.intake._thread.is_alive():
            service.stop()


@pytest.fixture
def online(shop: Shop, broker: Broker) -> Iterator[OnLine]:
    online = OnLine(shop.kiosk(), broker.port)
    yield online
    online.stop()


def test_a_sale_travels_through_a_real_broker_and_back(shop: Shop, start: Start, online: OnLine) -> None:
    service, kiosk, card = start(), online.kiosk, shop.card()
    until(lambda: service.line.connected)
    online.say(kiosk.hello())
    until(lambda: online.heard(ACK))
    assert online.heard(WELCOME) and online.heard(CONFIG)
    online.say(b"garbage")
    online.say(shop.sale(kiosk, card))
    until(lambda: online.acknowledged(1))
    assert shop.look(accounts.card_balance, card.uid, 1) == 7500
    until(lambda: service.line.is_present("K1"))


def test_reports_sent_while_the_host_was_away_are_booked_when_it_is_back(
    shop: Shop, start: Start, online: OnLine
) -> None:
    service, kiosk, card = start(), online.kiosk, shop.card()
    until(lambda: service.line.connected)
    online.say(kiosk.hello())
    until(lambda: online.heard(ACK))
    service.stop()
    for _ in range(3):
        online.say(shop.sale(kiosk, card, 100))
    assert shop.look(accounts.card_balance, card.uid, 1) == 10_000
    start()
    until(lambda: online.acknowledged(3))
    assert shop.look(accounts.card_balance, card.uid, 1) == 9700
    assert shop.look(verify.verify)["ok"]


def test_a_broker_that_goes_and_comes_back_is_found_again(
    shop: Shop, start: Start, online: OnLine, broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    service, kiosk, card = start(), online.kiosk, shop.card()
    until(lambda: service.line.connected)
    online.say(kiosk.hello())
    until(lambda: online.heard(ACK))
    broker.stop()
    until(lambda: not service.line.connected)
    online.subscribed.clear()
    broker.start()
    until(lambda: service.line.connected and online.subscribed.is_set(), 20)
    online.say(shop.sale(kiosk, card))
    until(lambda: online.acknowledged(1))


def test_without_a_broker_the_host_runs_and_says_so_once(
    shop: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from host.terminals import mqtt

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        monkeypatch.setattr(mqtt, "RECONNECT_MAX_S", 1)
        service = Service(shop.opened, "127.0.0.1", taken.getsockname()[1])
        failures: list[int] = []
        complain = service.line._complain
        monkeypatch.setattr(service.line, "_complain", lambda why: (failures.append(1), complain(why)))
        service.start()
        until(lambda: len(failures) >= 2)
        assert not service.line.connected
        service.stop()
    assert capsys.readouterr().out.count("the broker does not answer") == 1
