"""`tapledger broker`: what it writes is what a real mosquitto runs with, and the host beside it."""

import base64
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from pytest_mock import MockerFixture

from host.cli_broker import ACL, CONF, KEY, REVOKED, broker
from host.errors import HostError
from host.service import Service
from host.terminals.fleet import revoked
from host.terminals.line import tls
from protocol.wire import bundle, topics
from protocol.wire.messages import ACK
from simulator.broker import Broker, find_mosquitto
from simulator.leash import Leash
from simulator.reader import Field, Pn532, PtyReader
from tests.host.looks import balance
from tests.host.process import Start, refuses
from tests.host.reader_agent.running import AgentProcess, post
from tests.host.rig import KioskSide, Shop
from tests.host.terminals.line.online import OnLine
from tests.waiting import until

ADDRESS = "127.0.0.1"


def run(*args: str) -> str:
    """The command in this process, where keys are stretched the light way."""
    done = CliRunner().invoke(broker, args)
    if done.exception is not None:
        raise done.exception
    return done.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "broker"


@pytest.fixture
def secure(data: Path, folder: Path, tmp_path: Path, leash: Leash) -> Iterator[Broker]:
    """mosquitto as `tapledger broker setup` configures it."""
    if find_mosquitto() is None:
        pytest.skip("needs apt package mosquitto")

    def conf(port: int) -> str:
        named = ("--name", "broker.example", "--name", ADDRESS)
        if not folder.exists():
            run("setup", "--data", str(data), "--out", str(folder), *named, "--port", str(port))
        return (folder / CONF).read_text()

    running = Broker(tmp_path, leash, "mosquitto", conf)
    running.start()
    yield running
    running.stop()


def terminal(shop: Shop, name: str, port: int) -> KioskSide:
    shop.kiosk(name)
    kiosk = shop.kiosks.find(name)
    assert kiosk is not None
    return KioskSide.from_bundle(shop.kiosks.bundle(kiosk, ADDRESS, port, "wifi", "", tls=True))


def connected(kiosk: KioskSide, port: int, heard: list[str], client_id: str = "") -> paho.Client:
    """A kiosk's client that hears all it is let hear; OSError when the broker does not take it."""
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id=client_id or f"kiosk-{kiosk.name}")
    client.tls_set_context(tls.context(kiosk.given["ca"], kiosk.given["certificate"], kiosk.given["key"]))
    subscribed: list[int] = []
    ended: list[str] = []
    client.on_message = lambda _client, _data, message: heard.append(message.topic)
    client.on_subscribe = lambda *_: subscribed.append(1)
    client.on_disconnect = lambda _client, _data, _flags, reason, _more: ended.append(str(reason))
    client.connect(ADDRESS, port)
    client.subscribe("#", 1)
    client.loop_start()
    until(lambda: subscribed or ended)
    if not subscribed:
        client.loop_stop()
        raise OSError(ended[0])
    return client


def test_a_sale_travels_over_tls_with_certificates_on_both_sides(shop: Shop, secure: Broker) -> None:
    kiosk = terminal(shop, "K1", secure.port)
    service = Service(replace(shop.opened, tls=True), ADDRESS, secure.port)
    service.start()
    online = OnLine(kiosk, secure.port)
    card = shop.card()
    try:
        until(lambda: service.line.connected and service.line.is_present("K1"))
        online.say(online.kiosk.hello())
        until(lambda: online.heard(ACK))
        online.say(shop.sale(online.kiosk, card))
        until(lambda: online.acknowledged(1))
        assert balance(shop, card) == 7500
    finally:
        online.stop()
        service.stop()


def test_a_host_without_certificates_is_not_let_in(shop: Shop, secure: Broker) -> None:
    service = Service(shop.opened, ADDRESS, secure.port)
    service.start()
    failed: list[int] = []
    service.line._client.on_disconnect = lambda *_: failed.append(1)
    until(lambda: len(failed) >= 2 or service.line.connected)
    assert not service.line.connected
    service.stop()


def test_a_kiosk_hears_and_says_only_what_is_its_own(
    shop: Shop, secure: Broker, mocker: MockerFixture
) -> None:
    """mosquitto grants any subscription: what counts is what arrives."""
    first, second = terminal(shop, "K1", secure.port), terminal(shop, "K2", secure.port)
    heard: dict[str, list[str]] = {"K1": [], "K2": [], "host": []}
    clients = [connected(one, secure.port, heard[one.name]) for one in (first, second)]
    service = Service(replace(shop.opened, tls=True), ADDRESS, secure.port)
    host = service.line._client
    taken = mocker.patch.object(service.line, "_taken")
    taken.side_effect = lambda items: heard["host"].extend(one.topic.decode() for one in items)
    host._taker = taken
    service.line.start()
    until(lambda: service.line.connected)
    for name in ("K1", "K2"):
        for topic in (topics.up(name), topics.down(name), topics.relay(name), "tapledger/v1/x/down", "other"):
            clients[0].publish(topic, b"x", 1).wait_for_publish(10)
    service.line.send([(topics.down("K2"), b"x"), (topics.down("K1"), b"x")])
    until(lambda: heard["K1"] and heard["K2"])
    assert (heard["K1"], heard["K2"]) == ([topics.down("K1")], [topics.down("K2")])
    until(lambda: len(heard["host"]) >= 2)
    assert sorted(heard["host"]) == [topics.relay("K1"), topics.up("K1")]
    for client in (*clients, host):
        client.disconnect()
        client.loop_stop()


def test_no_kiosk_takes_anothers_connection_by_its_client_id(shop: Shop, secure: Broker) -> None:
    first, second = terminal(shop, "K1", secure.port), terminal(shop, "K2", secure.port)
    heard: list[str] = []
    victim = connected(first, secure.port, heard)
    lost: list[int] = []
    victim.on_disconnect = lambda *_: lost.append(1)
    thief = connected(second, secure.port, [], "kiosk-K1")
    victim.publish(topics.up("K1"), b"x", 1).wait_for_publish(10)
    assert not lost and victim.is_connected()
    for client in (victim, thief):
        client.disconnect()
        client.loop_stop()


def test_two_workers_of_the_host_are_two_clients(shop: Shop, secure: Broker) -> None:
    lines = [Service(replace(shop.opened, tls=True), ADDRESS, secure.port, writer, True) for writer in (0, 1)]
    for one in lines:
        one.line.start()
    until(lambda: all(one.line.connected for one in lines))
    ended: list[int] = []
    for one in lines:
        one.line._client.on_disconnect = lambda *_: ended.append(1)
    online = OnLine(terminal(shop, "K1", secure.port), secure.port)
    online.say(online.kiosk.hello())
    assert not ended
    online.stop()
    for one in lines:
        one.line.stop()


def test_a_revoked_kiosk_is_dropped_and_stays_out(
    shop: Shop, data: Path, folder: Path, secure: Broker, tmp_path: Path
) -> None:
    first, second = terminal(shop, "K1", secure.port), terminal(shop, "K2", secure.port)
    connected(first, secure.port, []).loop_stop()
    with shop.opened.database.write() as connection:
        revoked.revoke(connection, "K1", "stolen", "test")
    key = (folder / KEY).read_bytes()
    assert "names 1." in run("revoked", "--data", str(data), "--out", str(folder))
    assert (folder / KEY).read_bytes() == key
    secure.stop()
    secure.start()
    with pytest.raises(OSError):
        connected(first, secure.port, [])
    assert "certificate verify failed" in (tmp_path / "broker.log").read_text()
    client = connected(second, secure.port, [])
    client.disconnect()
    client.loop_stop()
    shop.kiosk("K1")  # registered anew: the next life has a certificate of its own
    client = connected(terminal(shop, "K1", secure.port), secure.port, [])
    client.disconnect()
    client.loop_stop()


def test_a_readers_agent_connects_by_the_certificates_of_its_bundle(
    start: Start, secure: Broker, tmp_path: Path, leash: Leash
) -> None:
    host = start(secure.port, "--mqtt-tls")
    status, made = post(host, "/readers", name="DESK1")
    assert status == 201
    path = tmp_path / "DESK1.bundle"
    path.write_bytes(base64.b64decode(made["bundle"]))
    with PtyReader(Pn532(Field())) as reader:
        agent = AgentProcess(path, f"tty:{reader.path}", leash)
        agent.says("the host is there")
        agent.close()
    given = bundle.decode(path.read_bytes())
    path.write_bytes(bundle.encode(**given | {"key": b"none"}))
    assert "certificates for the broker cannot be used" in refuses(
        4, "reader", "--bundle", str(path), "--reader", "usb"
    )


def test_the_files_are_its_owners_and_written_again_whole(data: Path, folder: Path) -> None:
    args = ("setup", "--data", str(data), "--out", str(folder), "--name", "broker.example")
    for _ in range(2):
        assert str(folder / CONF) in run(*args)
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert "pattern read tapledger/v1/%u/down" in (folder / ACL).read_text()
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["ca.crt", "broker.crt", "broker.key", REVOKED, ACL, CONF]
    )


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("--name", "two words", "--out", "{tmp}/broker"), "no name or address of a broker"),
        (("--name", "broker.example", "--out", "{tmp}/file"), "cannot be written .*choose another --out"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_writes_nothing(
    data: Path, tmp_path: Path, args: tuple[str, ...], sentence: str
) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(HostError, match=sentence):
        run("setup", "--data", str(data), *[one.format(tmp=tmp_path) for one in args])
    assert not (tmp_path / "broker").exists() and (tmp_path / "file").read_text() == "x"
