"""Goes the way to the host (net/line.py), and back when a layer fails. Not needed while the line stands.

line: a net.line.Line, everywhere.
"""

import asyncio
import os

from hal import duty, ticks, wifi
from net import dial, mqtt
from net.line import DNS, HOST, LAYERS, MQTT, TCP, TLS, UP, WIFI
from protocol.wire import topics

FIRST_MS = b"\x0a\x0a\x02\x14\x05\x02"  # pause after the first failure of each layer, in 100 ms
MOST_S = b"\x1e\x1e\x08\x3c\x1e\x08"  # and the longest
WIFI_MS = 50  # between looks at whether the network is there
JOIN_MS = 20_000  # so long for one attempt to join
CONNECT_MS = 15_000  # a line of 2 s each way takes four times as long for a handshake


async def open_stream(line):  # type: ignore[no-untyped-def]
    """A stream to the broker. OSError or ValueError with a sentence; `layer` says where."""
    bundle = line.bundle
    line.layer = WIFI
    await _joined(line)
    line.tried, line.address = line.address, ""
    if not line.tried:
        line.layer = DNS
        duty.check_in("link")
        line.tried = await dial.look_up(bundle["host"], line.wlan)
    context = None
    if bundle["server_name"]:
        line.layer = TLS
        context = dial.context()
    line.layer = TCP
    duty.check_in("link")
    stream = await dial.connect(line.tried, bundle["port"], context, bundle["server_name"])
    line.layer = MQTT if context is None else TLS
    return stream


async def _joined(line) -> None:  # type: ignore[no-untyped-def]
    wlan = line.wlan
    if wlan.isconnected():
        return
    wifi.join(wlan, line.bundle["ssid"], line.bundle["password"])
    began = ticks.now()
    while not wlan.isconnected():
        if ticks.since(began) > JOIN_MS:
            raise OSError(wifi.why(wlan))
        duty.check_in("link")
        await asyncio.sleep_ms(WIFI_MS)


async def greet(line, client, name: str) -> bool:  # type: ignore[no-untyped-def]
    """Say to the broker who we are -> did it keep a session for us? OSError when it refuses or is silent."""
    duty.check_in("link")
    await connect(client, "kiosk-" + name, topics.of(name, "status"))
    line.layer = MQTT
    duty.check_in("link")
    kept = await connected(client)
    duty.check_in("link")
    line.stands()
    return kept


async def connect(client, client_id: str, will_topic: str) -> None:  # type: ignore[no-untyped-def]
    """With a retained last will "offline"; when this returns, TLS stands."""
    # will with QoS 1 and retain; no clean session
    head = mqtt.text("MQTT") + b"\x04\x2c" + mqtt.KEEPALIVE_S.to_bytes(2, "big")
    body = head + mqtt.text(client_id) + mqtt.text(will_topic) + mqtt.text("offline")
    await client.send(mqtt.packet(mqtt.CONNECT, 0, body), CONNECT_MS)


async def connected(client) -> bool:  # type: ignore[no-untyped-def]
    """The broker's answer, as greet()."""
    try:
        head = await duty.within(CONNECT_MS, client.take(4))
    except asyncio.TimeoutError:
        raise OSError("broker is silent")
    if head[0] >> 4 != mqtt.CONNACK or head[1] != 2:
        raise OSError("no MQTT broker answers there")
    if head[3]:
        raise OSError("broker refused the connection: code %d" % head[3])
    return bool(head[2] == 1)


async def failed(line, error: Exception) -> None:  # type: ignore[no-untyped-def]
    """Say why; what TLS refused for its date is held against a time server's clock the next time."""
    layer = line.layer if line.layer < UP else HOST
    said = error.args[-1] if error.args else type(error).__name__
    word = ""
    if layer == TLS:
        word, said = dial.why(error)
    name = LAYERS.split()[layer]
    print("link: %s: %s" % (name, said))
    line.trouble = name + (" " + word if word else "")
    for below in range(layer):
        line.failures[below] = 0
    line.failures[layer] = min(line.failures[layer] + 1, 9)
    if word == "date":
        duty.check_in("link")
        seconds = await dial.time_s(line.bundle["ntp"], line.wlan)
        if seconds is not None:
            line.hint_s(seconds)


def pause_ms(line) -> int:  # type: ignore[no-untyped-def]
    """How long to wait before the layer that failed is tried again: half of it is drawn."""
    layer = min(line.layer, HOST)
    longest_ms = min(FIRST_MS[layer] * 100 << max(line.failures[layer] - 1, 0), MOST_S[layer] * 1000)
    return longest_ms // 2 + int.from_bytes(os.urandom(2), "big") * longest_ms // 131_072  # type: ignore[no-any-return]


async def pause(line) -> None:  # type: ignore[no-untyped-def]
    """Wait; for a network that comes back by itself no longer than for that."""
    whole_ms, began = pause_ms(line), ticks.now()
    while ticks.since(began) < whole_ms:
        duty.check_in("link")
        await asyncio.sleep_ms(WIFI_MS)
        if line.layer == WIFI and line.wlan.isconnected():
            return
