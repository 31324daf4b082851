"""What a kiosk's link meets in these tests: a host that acknowledges, its station process, a name server."""

import os
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from host.terminals.line import tcp, tls
from host.terminals.line.authority import Authority
from protocol.wire import bundle, envelope, messages, topics
from protocol.wire.mac import kiosk_keys
from tests.micropython import micropython
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[3]
KEEPALIVE_S = 2  # in place of 20: a test waits for it
SECRET = b"s" * 32  # as in linked.py
UP, DOWN, _ = kiosk_keys(SECRET)


class Host:
    """Answers hello, and acknowledges each report once it has it; `held` are their counters."""

    def __init__(self, port: int, of: Authority | None) -> None:
        self.held: list[int] = []
        self.acknowledges = True
        self.nonces: list[bytes] = []
        self.statuses: list[bytes] = []
        self._counter = 0
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id="host", clean_session=False)
        if of is not None:
            self._client.tls_set_context(tls.context(of.certificate, *of.host()))
        self._client.reconnect_delay_set(1, 1)
        self.subscribed = threading.Event()
        self._client.on_socket_open = lambda _client, _data, sock: tcp.no_delay(sock)
        self._client.on_connect = self._connected
        self._client.on_subscribe = lambda *_: self.subscribed.set()
        self._client.on_message = self._message
        self._client.connect_async("127.0.0.1", port)
        self._client.loop_start()
        assert self.subscribed.wait(20)

    def _connected(self, client: paho.Client, *_: object) -> None:
        client.subscribe([(topics.UP_FILTER, 1), (topics.STATUS_FILTER, 1)])

    def _message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        tcp.acknowledge_now(self._client.socket())
        if message.topic.endswith("/status"):
            self.statuses.append(message.payload)
            return
        (epoch, counter), kind, body = envelope.open_(UP, messages.UP, "K1", message.payload)
        if kind == messages.HELLO:
            self.nonces.append(body[1])
            self._say(messages.WELCOME, epoch=1, now_s=1_800_000_000, hotlist=0, allowed=0)
        elif kind in messages.REPORTS or kind == messages.JOURNAL:
            self.held += [record[0] for record in body[1]] if kind == messages.JOURNAL else [counter]
            if self.acknowledges:
                self.acknowledge(epoch)

    def acknowledge(self, epoch: int = 1) -> None:
        upto = 0
        while upto + 1 in self.held:
            upto += 1
        self._say(messages.ACK, epoch=epoch, upto=upto, ranges=[], verdicts=[])

    def _say(self, kind: int, **values: Any) -> None:
        self._counter += 1
        body = messages.body(kind, nonce=self.nonces[-1], **values)
        message = envelope.seal(DOWN, messages.DOWN, "K1", (0, self._counter), kind, body)
        self._client.publish(topics.down("K1"), message, 1)

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


class Station:
    """station.py under MicroPython, and what it has said."""

    def __init__(
        self,
        folder: Path,
        given: dict[str, Any],
        reports: int = 0,
        names: int = 0,
        keepalive_s: int = KEEPALIVE_S,
        time: int = 0,
        pace: int = 1,
    ) -> None:
        path = folder / "bundle.cbor"
        path.write_bytes(
            bundle.encode(**{"name": "K1", "number": 1, "secret": SECRET, "host": "127.0.0.1", **given})
        )
        here = Path(__file__).parent
        paths = (here, ROOT / "firmware", ROOT, ".frozen")
        environment = {**os.environ, "MICROPYPATH": ":".join(str(one) for one in paths)}
        self.said: list[str] = []
        numbers = (names, time, reports, keepalive_s, pace)
        self._process = subprocess.Popen(
            [micropython(), str(here / "station.py"), str(path), *map(str, numbers)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for text in self._process.stdout:
            self.said.append(text.strip())

    def says(self, *texts: str, after: int = 0, timeout_s: float = 20) -> int:
        """Wait until it has said these, in this order, after so many lines -> how many lines by then."""

        def heard() -> int:
            at = after
            for text in texts:
                while at < len(self.said) and text not in self.said[at]:
                    at += 1
                if at >= len(self.said):
                    return 0
                at += 1
            return at

        try:
            until(heard, timeout_s)
        except AssertionError:
            raise AssertionError(f"it did not say {texts} after line {after}: {self.said}") from None
        return heard()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


_ENOUGH = b"enough"


class _Server:
    """Answers datagrams."""

    def __init__(self) -> None:
        self.asked = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            question, who = self._socket.recvfrom(512)
            if question == _ENOUGH:
                return
            self.asked += 1
            answer = self.answer(question)
            if answer:
                self._socket.sendto(answer, who)

    def answer(self, question: bytes) -> bytes:
        raise NotImplementedError

    def stop(self) -> None:
        """Its thread has to be gone first: it would read from whatever gets the socket's number next."""
        self._socket.sendto(_ENOUGH, ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()


class NameServer(_Server):
    """Answers every question with `address`, or not at all while that is empty."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__()

    def answer(self, question: bytes) -> bytes:
        if not self.address:
            return b""
        head = question[:2] + b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00"
        record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04" + socket.inet_aton(self.address)
        return head + question[12:] + record


class TimeServer(_Server):
    """Says that it is the same time, always."""

    SAYS_S = 1_900_000_000

    def answer(self, question: bytes) -> bytes:
        now = (self.SAYS_S + 2_208_988_800).to_bytes(4, "big") + bytes(4)
        return b"\x24\x02\x06\xec" + bytes(20) + question[40:48] + now + now
