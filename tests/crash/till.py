"""A kiosk as the host sees it: it numbers its sales, keeps each until it is acknowledged, and asks again."""

import threading
from typing import Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from host.terminals.line import tcp
from protocol.wire import envelope, mac, messages, topics
from tests.host.rig import KioskSide

JOURNAL_MAX = 32
RECONNECT_S = 0.1


class Till:
    """`open` is what its journal holds, by counter; `told` counts acknowledged sales."""

    def __init__(self, side: KioskSide, port: int, told: threading.Condition) -> None:
        self.side = side
        self.open: dict[int, dict[str, Any]] = {}
        self.told = 0
        self.faults: list[str] = []
        self._changed = told
        self._welcome = False
        self._hellos = 0
        self._heard: dict[int, bytes] = {}
        self.client = paho.Client(CallbackAPIVersion.VERSION2, client_id=side.name)
        self.client.reconnect_delay_set(RECONNECT_S, RECONNECT_S)
        self.client.on_connect = lambda client, *_: client.subscribe(topics.down(side.name), 1)
        self.client.on_subscribe = lambda *_: self._connected()
        self.client.on_message = self._message
        self.client.on_publish = lambda client, *_: tcp.acknowledge_now(client.socket())
        self.client.on_socket_open = lambda _client, _data, sock: tcp.no_delay(sock)
        self.client.connect_async("127.0.0.1", port)
        self.client.loop_start()

    def send(self, counters: list[int]) -> None:
        """One message: a report, or several out of the journal."""
        reports = [((self.side.epoch, n), messages.SALE, self.open[n]) for n in counters if n in self.open]
        if len(reports) == 1:
            ((number, kind, values),) = reports
            self._publish(self.side.message(number, kind, **values))
        elif reports:
            self._publish(self.side.journal(*reports))

    def again(self) -> None:
        """What was not answered: the hello, else every open report."""
        if not self._welcome:
            self._say_hello()
            return
        with self._changed:
            counters = sorted(self.open)
        for at in range(0, len(counters), JOURNAL_MAX):
            self.send(counters[at : at + JOURNAL_MAX])

    def stop(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def _publish(self, payload: bytes) -> None:
        self.client.publish(self.side.topic, payload, qos=1)

    def _connected(self) -> None:
        self._welcome = False
        self._hellos += 1
        self.side.nonce = self._hellos.to_bytes(8, "big")
        self._say_hello()

    def _say_hello(self) -> None:
        self._publish(self.side.hello())

    def _message(self, client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        tcp.acknowledge_now(client.socket())
        payload = bytes(message.payload)
        with self._changed:
            try:
                self._hear(payload)
            except Exception as error:
                self.faults.append(f"{self.side.name} heard what it cannot believe: {error!r}")
            self._changed.notify_all()

    def _hear(self, payload: bytes) -> None:
        down_key = mac.kiosk_keys(self.side.given["secret"])[1]
        (_, counter), kind, body = envelope.open_(down_key, messages.DOWN, self.side.name, payload)
        if self._heard.setdefault(counter, payload) != payload:
            raise AssertionError(f"two messages have the number {counter}")
        values = messages.fields(kind, body)
        if values["nonce"] != self.side.nonce:
            return  # to an earlier hello
        if kind == messages.WELCOME:
            assert values["epoch"] == self.side.epoch, "a new epoch, although its flash never went back"
            self._welcome = True
        elif kind == messages.ACK and values["epoch"] == self.side.epoch:
            held = [(1, values["upto"]), *values["ranges"]]
            for number in [n for n in self.open if any(first <= n <= last for first, last in held)]:
                del self.open[number]
                self.told += 1
