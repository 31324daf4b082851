import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode
from pytest_mock import MockerFixture

from host.service import Service
from host.terminals.line import mqtt
from host.terminals.line.bulk import PACKET_MAX, Taken
from host.terminals.line.mqtt import Line
from host.terminals.line.traffic import Incoming
from protocol.wire import topics
from protocol.wire.messages import ACK, CONFIG, WELCOME
from simulator.broker import Broker, find_mosquitto
from simulator.leash import Leash
from tests.host.looks import balance, holds
from tests.host.rig import Shop
from tests.host.terminals.line.online import OnLine
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


def test_a_message_is_released_by_the_number_and_the_connection_it_came_with(mocker: MockerFixture) -> None:
    taken: list[Incoming] = []
    line = Line("client", "127.0.0.1", 1, lambda items: not taken.extend(items), lambda: None, is_k1)
    queue = mocker.patch.object(line._client, "_packet_queue")
    line._linked = True
    line._taken([Taken(b"tapledger/v1/K1/up", b"x", 5)])
    line._client.connection += 1  # the broker was restarted and counts from 1 again
    line._taken([Taken(b"tapledger/v1/K1/up", b"x", 5), Taken(b"tapledger/v1/K1/up", b"x", 6)])
    assert not queue.called
    line.release([item.mark for item in taken if isinstance(item.mark, tuple)])
    assert queue.call_args.args[1] == b"\x40\x02\x00\x05\x40\x02\x00\x06"
    assert queue.call_count == 1


@pytest.mark.parametrize(("shared", "said"), [(True, mqtt.SHARED), (False, mqtt.ALONE)])
def test_a_broker_that_ends_the_connection_at_once_is_complained_of_once(
    shop: Shop,
    shared: bool,
    said: str,
    tmp_path: Path,
    leash: Leash,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As iotcore does that is asked for MQTT 5; without that, a listener that hangs up."""
    monkeypatch.setattr(mqtt, "RECONNECT_MAX_S", 1)
    iotcore = Broker(tmp_path, leash, "iotcore")
    listener = socket.create_server(("127.0.0.1", 0))
    if shared:
        iotcore.start()
    port = iotcore.port if shared else listener.getsockname()[1]
    service = Service(shop.opened, "127.0.0.1", port, shared=shared)
    ends: list[int] = []
    complain = service.line._complain
    monkeypatch.setattr(service.line, "_complain", lambda *why: (ends.append(1), complain(*why)))
    service.start()
    if not shared:
        listener.settimeout(20)
        for _ in range(2):
            listener.accept()[0].close()
    until(lambda: len(ends) >= 2)
    assert not service.line.connected
    service.stop()
    listener.close()
    iotcore.stop()
    assert capsys.readouterr().out.count(said) == 1


def test_a_broker_of_mqtt_5_is_told_how_large_a_message_may_be(tmp_path: Path, leash: Leash) -> None:
    if find_mosquitto() is None:
        pytest.skip("needs apt package mosquitto")
    broker = Broker(tmp_path, leash, "mosquitto")
    broker.start()
    taken: list[Incoming] = []
    line = Line(
        "client", "127.0.0.1", broker.port, lambda new: not taken.extend(new), lambda: None, is_k1, "g"
    )
    line.start()
    until(lambda: line.connected)
    sender = paho.Client(CallbackAPIVersion.VERSION2)
    sender.connect("127.0.0.1", broker.port)
    sender.loop_start()
    for payload in (bytes(PACKET_MAX), b"small"):
        sender.publish(topics.up("K1"), payload, qos=1)
    until(lambda: bool(taken))
    sender.disconnect()
    sender.loop_stop()
    line.stop()
    broker.stop()
    assert [item.payload for item in taken] == [b"small"]


def test_a_large_message_is_refused_for_its_size_and_acknowledged(
    shop: Shop, start: Start, online: OnLine
) -> None:
    """Then the broker says nothing of it any more."""
    service, kiosk = start(), online.kiosk
    until(lambda: service.line.connected)
    online.say(bytes(PACKET_MAX + 1))
    online.say(kiosk.hello())
    until(lambda: online.heard(ACK))
    assert service.intake.rejections.to_json()["counts"] == {"size": 1}
    assert service.intake.rejections.to_json()["sample"][0]["size"] == PACKET_MAX + 1
    service.stop()
    service = start()
    until(lambda: service.line.connected)
    online.say(shop.sale(kiosk, shop.card()))
    until(lambda: online.acknowledged(1))
    assert service.intake.rejections.to_json()["counts"] == {}


def test_while_what_was_heard_waits_too_long_it_does_not_count_as_connected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[bool] = []

    def take(_items: list[Incoming]) -> bool:
        seen.append(line.connected)
        monkeypatch.setattr(mqtt, "KEEPALIVE_S", 0)
        seen.append(line.connected)
        return True

    line = Line("client", "127.0.0.1", 1, take, lambda: None, is_k1)
    line._hears = True
    line._taken([Taken(b"tapledger/v1/K1/up", b"x", 5)])
    assert seen == [True, False] and line.connected


def test_presence_asks_no_database(shop: Shop, mocker: MockerFixture) -> None:
    service = Service(shop.opened, "127.0.0.1", 1)
    shop.kiosk()
    read = mocker.patch.object(service.database, "read", side_effect=apsw.IOError)
    service.kiosks._looked_s = -1e9
    status(service.line, mocker.Mock(), "X1")
    assert not read.called and service.line._presence == {}


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
    line._hears = True
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
