"""What anyone on the broker can see and do: record the raw messages of kiosks, publish them again.

It has no key and opens no envelope. `quiet_s` tells how long nothing has travelled, so that a script can wait
for the traffic to settle without looking into host or kiosk.
"""

import threading
import time
from collections import deque
from collections.abc import Callable

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from protocol.wire import topics

_KEPT = 1000
_CONNECT_TIMEOUT_S = 30.0
_PUBLISH_TIMEOUT_S = 30.0


class ObserverError(RuntimeError):
    """The broker can't be reached or takes nothing."""


class Observer:
    """One MQTT client beside the host's and the kiosks'."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._up: dict[str, deque[bytes]] = {}
        self._status: dict[str, bool] = {}
        self._answered: set[str] = set()
        self._last_s = time.monotonic()
        self.on_message: Callable[[], None] | None = None
        self.on_down: Callable[[str, bytes], None] | None = None
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="observer")
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(min_delay=1, max_delay=1)

    def start(self) -> None:
        """Returns when the subscription holds; ObserverError."""
        try:
            self._client.connect("127.0.0.1", self._port, keepalive=30)
        except OSError as error:
            raise ObserverError(f"no broker on 127.0.0.1:{self._port}: {error}") from error
        self._client.loop_start()
        self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until it listens (again), as after a restart of the broker; ObserverError."""
        if not self._ready.wait(_CONNECT_TIMEOUT_S):
            raise ObserverError(f"the broker on 127.0.0.1:{self._port} takes no subscription")

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def last_up(self, kiosk: str, count: int) -> list[bytes]:
        """The newest `count` messages of a kiosk, oldest of them first; as many as there are."""
        with self._lock:
            return list(self._up.get(kiosk, ()))[-count:]

    def publish_up(self, kiosk: str, payload: bytes) -> None:
        """Publish as if it were the kiosk; ObserverError when the broker does not take it."""
        info = self._client.publish(topics.up(kiosk), payload, qos=1)
        try:
            info.wait_for_publish(_PUBLISH_TIMEOUT_S)
        except (RuntimeError, ValueError) as error:
            raise ObserverError(f"the broker takes nothing: {error}") from error
        if not info.is_published():
            raise ObserverError("the broker takes nothing")

    def online(self, kiosk: str) -> bool:
        """What the kiosk's retained status says: a hint, as its last will may still be on its way."""
        with self._lock:
            return self._status.get(kiosk, False)

    def linked(self, kiosk: str) -> bool:
        """Is it online, and has the host sent it anything since it said so?"""
        with self._lock:
            return self._status.get(kiosk, False) and kiosk in self._answered

    def quiet_s(self) -> float:
        """Seconds since the last message of any kiosk or to any kiosk."""
        with self._lock:
            return time.monotonic() - self._last_s

    def _on_connect(self, client: mqtt.Client, *_: object) -> None:
        client.subscribe([(topics.PREFIX + "#", 1)])

    def _on_subscribe(self, *_: object) -> None:
        self._ready.set()

    def _on_disconnect(self, *_: object) -> None:
        """Who is online is not known until the broker says it again."""
        self._ready.clear()
        with self._lock:
            self._status.clear()
            self._answered.clear()

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        kiosk = topics.kiosk_of(message.topic)
        with self._lock:
            self._last_s = time.monotonic()
            if kiosk and message.topic == topics.up(kiosk) and not message.retain:
                self._up.setdefault(kiosk, deque(maxlen=_KEPT)).append(bytes(message.payload))
            if kiosk and message.topic == topics.status(kiosk):
                self._status[kiosk] = message.payload == b"online"
                self._answered.discard(kiosk)
            down = kiosk and message.topic == topics.down(kiosk)
            if kiosk and down:
                self._answered.add(kiosk)
        if kiosk and down and self.on_down:
            self.on_down(kiosk, bytes(message.payload))
        if self.on_message:
            self.on_message()
