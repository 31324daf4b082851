"""The agent's connection to the broker: reconnects by itself, and puts what happens into one queue."""

import time
from queue import SimpleQueue
from ssl import SSLContext
from typing import Any, NamedTuple

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from host.terminals.line import tcp
from protocol.wire import topics

KEEPALIVE_S = 20
RECONNECT_MIN_S, RECONNECT_MAX_S = 1, 10
SHORT_S = 5.0  # a connection that ends so soon was taken away
SHORT_MAX = 3  # of them in a row: two agents have one bundle, and take turns
TURN_S = 30


class Event(NamedTuple):
    """kind: up, down (what says why), heard (payload)."""

    kind: str
    what: str = ""
    payload: bytes = b""


class Line:
    """events: what is put there is for one thread, which alone calls publish()."""

    def __init__(
        self, name: str, host: str, port: int, events: "SimpleQueue[Event]", tls: SSLContext | None = None
    ) -> None:
        self._name, self._address, self._events = name, (host, port), events
        self._up_s = 0.0
        self._short = 0
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id=f"kiosk-{name}")
        if tls is not None:
            self._client.tls_set_context(tls)
        self._client.will_set(topics.status(name), b"offline", 1, retain=True)
        self._client.reconnect_delay_set(RECONNECT_MIN_S, RECONNECT_MAX_S)
        self._client.on_connect = self._connected
        self._client.on_connect_fail = lambda *_: events.put(Event("down", "no answer"))
        self._client.on_disconnect = self._disconnected
        self._client.on_subscribe = self._subscribed
        self._client.on_message = self._message
        self._client.on_publish = lambda client, *_: tcp.acknowledge_now(client.socket())
        self._client.on_socket_open = lambda _client, _data, sock: tcp.no_delay(sock)

    def start(self) -> None:
        """Begin to connect; the broker may come later."""
        self._client.connect_async(*self._address, keepalive=KEEPALIVE_S)
        self._client.loop_start()

    def stop(self) -> None:
        """Say that we are gone, then go."""
        if self._client.is_connected():
            self._client.publish(topics.status(self._name), b"offline", 1, retain=True).wait_for_publish(1)
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, message: bytes, qos: int) -> None:
        """Without a connection it is dropped."""
        if self._client.is_connected():
            self._client.publish(topic, message, qos)

    def _connected(self, client: paho.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._events.put(Event("down", str(reason)))
            return
        self._up_s = time.monotonic()
        client.subscribe(topics.down(self._name), 1)

    def _subscribed(
        self, client: paho.Client, _data: Any, _mid: Any, reasons: list[Any], _props: Any
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            self._events.put(Event("down", "the broker does not let us hear the host"))
            return
        client.publish(topics.status(self._name), b"online", 1, retain=True)
        self._events.put(Event("up"))

    def _disconnected(self, client: paho.Client, _data: Any, _flags: Any, reason: Any, _props: Any) -> None:
        lasted_s = time.monotonic() - self._up_s
        self._short = self._short + 1 if lasted_s < SHORT_S else 0
        taken = self._short >= SHORT_MAX
        client.reconnect_delay_set(*((TURN_S, TURN_S) if taken else (RECONNECT_MIN_S, RECONNECT_MAX_S)))
        said = "it ends each connection at once: does another agent run with this bundle?"
        self._events.put(Event("down", said if taken else str(reason)))

    def _message(self, client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        tcp.acknowledge_now(client.socket())
        self._events.put(Event("heard", payload=bytes(message.payload)))
