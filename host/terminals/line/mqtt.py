"""The line to the broker: stable client id, persistent session, manual acknowledgement, reconnecting."""

import threading
import time
from collections.abc import Callable, Iterable
from ssl import SSLContext
from typing import Any

import structlog
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from host.terminals.line import mqtt5, tcp
from host.terminals.line.bulk import Bulk, Taken
from host.terminals.line.complaints import ALONE, GONE, KEPT, SHARED
from host.terminals.line.traffic import Down, Incoming
from protocol.wire import topics

KEEPALIVE_S = 30
RECONNECT_MIN_S, RECONNECT_MAX_S = 1, 10
INFLIGHT_MAX = 1000
FLUSH_S = 2.0
_log = structlog.get_logger()


class Line:
    """Our connection to the broker. take(messages) -> False lets the broker keep them; is_kiosk: is this the
    name of one we know? (out of memory: the client's thread asks); group: the name under which several
    workers share what kiosks say (MQTT 5); relay: takes requests and answers of cards, at once; who has one
    also hears which kiosks are there."""

    def __init__(
        self,
        client_id: str,
        host: str,
        port: int,
        take: Callable[[list[Incoming]], bool],
        on_up: Callable[[], None],
        is_kiosk: Callable[[str], bool],
        group: str | None = None,
        relay: Callable[[str, bytes], None] | None = None,
        tls: SSLContext | None = None,
    ) -> None:
        self._linked = False
        self._hears = False  # what we subscribed to
        self._waits_since_s: float | None = None  # take() has kept the client's thread since then
        self._address = (host, port)
        self._take = take
        self._on_up = on_up
        self._is_kiosk = is_kiosk
        self._said_down = False
        self._again: threading.Timer | None = None
        self._presence: dict[str, bool] = {}
        self._last: paho.MQTTMessageInfo | None = None
        self._topics = [(topics.UP_FILTER if group is None else f"$share/{group}/{topics.UP_FILTER}", 1)]
        self._relay = relay
        if relay is not None:  # of these the broker keeps none: what is late is worth nothing
            self._topics += [(topics.STATUS_FILTER, 1), (topics.RELAY_FILTER, 0)]
        self._shares = group is not None
        self._client = Bulk(
            self._taken,
            callback_api_version=CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=None if self._shares else False,
            protocol=MQTTProtocolVersion.MQTTv5 if self._shares else MQTTProtocolVersion.MQTTv311,
        )
        if tls is not None:
            self._client.tls_set_context(tls)
        self._client.reconnect_delay_set(RECONNECT_MIN_S, RECONNECT_MAX_S)
        self._client.max_inflight_messages_set(INFLIGHT_MAX)
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._disconnected
        self._client.on_connect_fail = self._failed
        self._client.on_subscribe = self._subscribed
        self._client.on_message = self._message
        self._client.on_publish = self._published
        self._client.on_socket_open = lambda _client, _data, sock: tcp.no_delay(sock)

    def start(self) -> None:
        """Begin to connect; returns at once, whether the broker is there or not."""
        kept = mqtt5.kept() if self._shares else {}
        self._client.connect_async(*self._address, keepalive=KEEPALIVE_S, **kept)
        self._client.loop_start()

    @property
    def connected(self) -> bool:
        """Connected, and hearing what we subscribed to. While take() waits nobody looks at the connection:
        after 1.5 keep-alives the broker has given us up."""
        since_s = self._waits_since_s
        return self._hears and (since_s is None or time.monotonic() - since_s < 1.5 * KEEPALIVE_S)

    def stop(self) -> None:
        """Flush what was published, then leave."""
        if self._again is not None:
            self._again.cancel()
        last = self._last
        if last is not None and self._linked:
            try:
                last.wait_for_publish(FLUSH_S)
            except (ValueError, RuntimeError):
                _log.info("an acknowledgement was still unsent; the kiosk asks again")
        self._client.disconnect()
        self._client.loop_stop()

    def send(self, down: list[Down]) -> None:
        """Publish in order. Without a connection it is dropped: the kiosk asks again."""
        for topic, payload in down:
            if not self._linked:
                return
            self._last = self._client.publish(topic, payload, qos=1)

    def is_present(self, kiosk: str) -> bool:
        """Does its retained status say online? A hint for people; the books never read it."""
        return self.connected and self._presence.get(kiosk, False)

    def _connected(
        self, _client: paho.Client, _data: Any, _flags: Any, reason: Any, _properties: Any
    ) -> None:
        if reason.is_failure:
            self._complain(GONE, str(reason))
            return
        self._linked = True
        self._subscribe()

    def _subscribe(self) -> None:
        self._client.subscribe(mqtt5.options(self._topics) if self._shares else self._topics)

    def _subscribed(self, _client: Any, _data: Any, _mid: Any, reasons: list[Any], _properties: Any) -> None:
        refused = [str(reason) for reason in reasons if reason.is_failure]
        if refused:
            self._complain(f"the broker does not let us hear the kiosks; {KEPT}", refused[0])
            self._again = threading.Timer(RECONNECT_MAX_S, self._subscribe)  # somebody may give us the right
            self._again.daemon = True
            self._again.start()
            return
        self._hears = True
        self._said_down = False
        _log.info("connected to the broker", host=self._address[0], port=self._address[1])
        self._on_up()

    def _disconnected(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        was, self._linked, self._hears = self._linked, False, False
        if reason.is_failure:
            self._complain(GONE if was else SHARED if self._shares else ALONE, str(reason))

    def _failed(self, _client: Any, _data: Any) -> None:
        self._complain(GONE, "no connection")

    def _complain(self, sentence: str, reason: str) -> None:
        """One sentence an outage."""
        if not self._said_down:
            self._said_down = True
            _log.warning(sentence, host=self._address[0], port=self._address[1], reason=reason)

    def _message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        """With QoS 0, as retained presence is: nothing to acknowledge."""
        self._taken([Taken(message._topic, bytes(message.payload), 0)])

    def _taken(self, messages: list[Taken]) -> None:
        tcp.acknowledge_now(self._client.socket())
        items, seen = [], []
        for message in messages:
            try:
                topic = message.topic.decode()
            except UnicodeDecodeError:  # a broker that lets such topics pass must not end this thread
                topic = ""
            mark = (self._client.connection, message.number)
            if topic.endswith("/status") and not message.dropped:
                name = topics.kiosk_of(topic)
                if name is not None and self._is_kiosk(name):  # others could fill the memory
                    self._presence[name] = message.payload == b"online"
                seen.append(mark)
            elif self._relay is not None and topic.endswith("/relay"):
                self._relay(topic, message.payload)  # of what was too large only the topic is there
                seen.append(mark)
            else:
                items.append(Incoming(topic, message.payload, mark, message.dropped))
        self.release(seen)
        if items:
            self._waits_since_s = time.monotonic()
            self._take(items)
            self._waits_since_s = None

    def release(self, marks: Iterable[tuple[int, int]]) -> None:
        """The broker may forget these messages: (connection, number) each."""
        if self._linked:
            self._client.acknowledge(marks)

    def _published(self, client: paho.Client, *_rest: Any) -> None:
        tcp.acknowledge_now(client.socket())
