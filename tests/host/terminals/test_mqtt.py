from collections.abc import Callable, Iterator

import pytest
from paho.mqtt import client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode
from pytest_mock import MockerFixture

from host.service import Service
from host.terminals import mqtt
from host.terminals.bulk import Taken
from host.terminals.intake import Incoming
from host.terminals.mqtt import Line
from protocol.wire import topics
from protocol.wire.messages import ACK, CONFIG, WELCOME
from simulator.broker import Broker
from tests.host.looks import balance, holds
from tests.host.rig import Shop
from tests.host.terminals.online import OnLine
from tests.waiting import until

Start = Callable[[], Service]


def is_k1(name: str) -> bool:
    return name == "K1"


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


def test_a_sale_travels_through_a_real_broker_and_back(shop: Shop, start: Start, online: OnLine) -> None:
    service, kiosk, card = start(), online.kiosk, shop.card()
    until(lambda: service.line.connected)
    online.say(kiosk.hello())
    until(lambda: online.heard(ACK))
    assert online.heard(WELCOME) and online.heard(CONFIG)
    online.say(b"garbage")
    online.say(shop.sale(kiosk, card))
    until(lambda: online.acknowledged(1))
    assert balance(shop, card) == 7500
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
    assert balance(shop, card) == 10_000
    start()
    until(lambda: online.acknowledged(3))
    assert balance(shop, card) == 9700
    holds(shop)


def test_a_broker_that_goes_and_comes_back_is_found_again(
    shop: Shop, start: Start, online: OnLine, broker: Broker
) -> None:
    service, kiosk, card = start(), online.kiosk, shop.card()
    until(lambda: service.line.connected)
    online.say(kiosk.hello())
    until(lambda: online.heard(ACK))
    broker.stop()
    until(lambda: not service.line.connected)
    online.subscribed.clear()
    broker.start()
    until(lambda: service.line.connected and online.subscribed.is_set())
    online.insist(shop.sale(kiosk, card), 1)
    assert balance(shop, card) == 7500


def test_without_a_broker_the_host_runs_and_says_so_once(
    shop: Shop, refusing_port: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "RECONNECT_MAX_S", 1)
    service = Service(shop.opened, "127.0.0.1", refusing_port)
    failures: list[int] = []
    complain = service.line._complain
    monkeypatch.setattr(service.line, "_complain", lambda *why: (failures.append(1), complain(*why)))
    service.start()
    until(lambda: len(failures) >= 2)
    assert not service.line.connected
    service.stop()
    assert capsys.readouterr().out.count("the broker does not answer") == 1


def test_a_topic_that_is_no_text_is_refused_and_the_line_stays(shop: Shop) -> None:
    taken: list[Incoming] = []
    line = Line("client", "127.0.0.1", 1, lambda items: not taken.extend(items), lambda: None, is_k1)
    line._taken([Taken(b"tapledger/v1/\xff/up", b"x", 1)])
    (item,) = taken
    assert shop.write([(item.topic, item.payload)]) == []
    assert shop.batches.rejections.to_json()["counts"] == {"unknown": 1}


def test_a_number_of_an_earlier_connection_is_not_released_on_the_next(mocker: MockerFixture) -> None:
    taken: list[Incoming] = []
    line = Line("client", "127.0.0.1", 1, lambda items: not taken.extend(items), lambda: None, is_k1)
    acknowledge = mocker.patch.object(line._client, "acknowledge")
    line._linked = True
    line._taken([Taken(b"tapledger/v1/K1/up", b"x", 5)])
    line._generation += 1  # the broker was restarted and counts from 1 again
    line._taken([Taken(b"tapledger/v1/K1/up", b"x", 5), Taken(b"tapledger/v1/K1/up", b"x", 6)])
    acknowledge.reset_mock()
    line.release([item.mark for item in taken if isinstance(item.mark, tuple)])
    acknowledge.assert_called_once_with([5, 6])


def test_it_is_connected_when_it_hears_and_not_before(mocker: MockerFixture) -> None:
    ups: list[int] = []
    line = Line("client", "127.0.0.1", 1, lambda _items: True, lambda: ups.append(1), is_k1)
    subscribe = mocker.patch.object(line._client, "subscribe")
    line._connected(line._client, None, {}, ReasonCode(PacketTypes.CONNACK, "Success"), None)
    assert subscribe.called and not line.connected and not ups
    line._subscribed(line._client, None, 1, [ReasonCode(PacketTypes.SUBACK, "Granted QoS 1")], None)
    assert line.connected and ups == [1]


def test_a_broker_that_forbids_the_subscription_is_complained_of_and_asked_again(
    mocker: MockerFixture, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "RECONNECT_MAX_S", 0.01)
    line = Line("client", "127.0.0.1", 1, lambda _items: True, lambda: None, is_k1)
    subscribe = mocker.patch.object(line._client, "subscribe")
    line._subscribed(line._client, None, 1, [ReasonCode(PacketTypes.SUBACK, "Not authorized")], None)
    until(lambda: subscribe.called)
    assert not line.connected
    said = capsys.readouterr().out
    assert "does not let us hear the kiosks" in said and "Not authorized" in said


def test_only_kiosks_that_we_know_are_present(mocker: MockerFixture) -> None:
    line = Line("client", "127.0.0.1", 1, lambda _items: True, lambda: None, is_k1)
    line.connected = True
    client = mocker.Mock(socket=lambda: None)
    for n in range(20_000):
        status(line, client, f"X{n}")
    status(line, client, "K1")
    assert line.is_present("K1") and not line.is_present("X1")
    assert len(line._presence) == 1


def status(line: Line, client: object, name: str) -> None:
    message = paho.MQTTMessage(topic=topics.status(name).encode())
    message.payload = b"online"
    line._message(client, None, message)  # type: ignore[arg-type]
