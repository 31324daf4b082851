"""A kiosk's own MQTT client."""

import threading
import time

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from host.terminals.line import tcp, tls
from protocol.wire import topics
from protocol.wire.messages import ACK
from tests.host.rig import KioskSide
from tests.waiting import until

ASK_AGAIN_S = 1.0


class OnLine:
    """A kiosk on a real broker; what it hears is checked and kept in its inbox."""

    def __init__(self, kiosk: KioskSide, port: int) -> None:
        self.kiosk = kiosk
        self.subscribed = threading.Event()
        self.client = paho.Client(CallbackAPIVersion.VERSION2, client_id=kiosk.name)
        given = kiosk.given
        if given["ca"]:
            self.client.tls_set_context(tls.context(given["ca"], given["certificate"], given["key"]))
        self.client.reconnect_delay_set(1, 1)
        self.client.will_set(topics.status(kiosk.name), b"offline", retain=True)
        self.client.on_connect = self._connected
        self.client.on_subscribe = lambda *_: self.subscribed.set()
        self.client.on_message = self._message
        self.client.on_publish = lambda client, *_: tcp.acknowledge_now(client.socket())
        self.client.on_socket_open = lambda _client, _data, sock: tcp.no_delay(sock)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        assert self.subscribed.wait(10)

    def _connected(self, client: paho.Client, *_: object) -> None:
        client.subscribe(topics.down(self.kiosk.name), 1)
        client.publish(topics.status(self.kiosk.name), b"online", retain=True)

    def _message(self, client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        tcp.acknowledge_now(client.socket())
        self.kiosk.hear(bytes(message.payload))

    def say(self, payload: bytes) -> None:
        """To a broker that is there."""
        said = self.client.publish(self.kiosk.topic, payload, qos=1)
        said.wait_for_publish(10)
        assert said.is_published()

    def insist(self, payload: bytes, upto: int) -> None:
        """Say it again and again until the host acknowledges it, as a kiosk does: a broker that just came
        back may lose connections, and what was on them."""
        said_s = -ASK_AGAIN_S

        def acknowledged() -> bool:
            nonlocal said_s
            if time.monotonic() >= said_s + ASK_AGAIN_S:
                said_s = time.monotonic()
                self.client.publish(
                    self.kiosk.topic, payload, qos=1
                )  # without a broker it waits in the client
            return self.acknowledged(upto)

        until(acknowledged)

    def heard(self, kind: int) -> bool:
        return any(found == kind for found, _ in self.kiosk.inbox)

    def acknowledged(self, upto: int) -> bool:
        return any(kind == ACK and values["upto"] >= upto for kind, values in self.kiosk.inbox)

    def stop(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()
