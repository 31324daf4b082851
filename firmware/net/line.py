"""The way to the host, layer by layer: Wi-Fi, name, TCP, TLS, MQTT, and the host behind it.

Each recovers by itself: what stood below stays, and a layer that fails is tried again after a pause of its
own, which doubles with each failure of this layer and has a random part, so that a shop's kiosks do not come
back all at once. `layer` is the one that is being worked on.
"""

import asyncio
import os

from hal import duty, ticks

LAYERS = "wifi dns tcp tls mqtt host"
WIFI, DNS, TCP, TLS, MQTT, HOST, UP = 0, 1, 2, 3, 4, 5, 6
FIRST_MS = b"\x0a\x0a\x02\x14\x05\x02"  # pause after the first failure of each layer, in 100 ms
MOST_S = b"\x1e\x1e\x08\x3c\x1e\x08"  # and the longest
WIFI_MS = 50  # between looks at whether the network is there
JOIN_MS = 20_000  # so long for one attempt to join


class Line:
    """bundle: as in protocol.wire.bundle; wlan: as in hal; hint_s(seconds): for a time server's word."""

    def __init__(self, bundle: dict, wlan, hint_s) -> None:  # type: ignore[no-untyped-def]
        self._bundle, self._wlan, self._hint_s = bundle, wlan, hint_s
        self.layer = WIFI
        self.trouble = ""  # the layer that failed last and a word for why, until the broker takes us
        self._failures = bytearray(6)  # of each layer, since it worked last
        self._address = self._tried = ""  # the one that was good last, and the one in use

    async def open(self):  # type: ignore[no-untyped-def]
        """A stream to the broker. OSError or ValueError with a sentence; `layer` says where."""
        from net import dial

        bundle = self._bundle
        self.layer = WIFI
        await self._joined()
        self._tried = self._address
        if not self._tried:
            self.layer = DNS
            duty.check_in("link")
            self._tried = await dial.look_up(bundle["host"], self._wlan)
        self._address = ""
        context = None
        if bundle["server_name"]:
            self.layer = TLS
            context = dial.context()
        self.layer = TCP
        duty.check_in("link")
        stream = await dial.connect(self._tried, bundle["port"], context, bundle["server_name"])
        self.layer = MQTT if context is None else TLS
        return stream

    async def _joined(self) -> None:
        wlan = self._wlan
        if wlan.isconnected():
            return
        from hal import wifi

        wifi.join(wlan, self._bundle["ssid"], self._bundle["password"])
        began = ticks.now()
        while not wlan.isconnected():
            if ticks.since(began) > JOIN_MS:
                raise OSError(wifi.why(wlan))
            duty.check_in("link")
            await asyncio.sleep_ms(WIFI_MS)

    def stands(self) -> None:
        """The broker has taken us: its address is good."""
        self._address, self.layer, self.trouble = self._tried, HOST, ""

    async def failed(self, error: Exception) -> None:
        """Say why; what TLS refused for its date is held against a time server's clock the next time."""
        layer = self.layer if self.layer < UP else HOST
        said = error.args[-1] if error.args else type(error).__name__
        word = ""
        if layer == TLS:
            from net import dial

            word, said = dial.why(error)
        name = LAYERS.split()[layer]
        print("link: %s: %s" % (name, said))
        self.trouble = name + (" " + word if word else "")
        for below in range(layer):
            self._failures[below] = 0
        self._failures[layer] = min(self._failures[layer] + 1, 9)
        if word == "date":
            duty.check_in("link")
            seconds = await dial.time_s(self._bundle["ntp"], self._wlan)
            if seconds is not None:
                self._hint_s(seconds)

    def worked(self) -> None:
        """The connection lasted: the next failure of any layer is its first."""
        for layer in range(len(self._failures)):
            self._failures[layer] = 0

    def pause_ms(self) -> int:
        """How long to wait before the layer that failed is tried again: half of it is drawn."""
        layer = min(self.layer, HOST)
        longest_ms = min(FIRST_MS[layer] * 100 << max(self._failures[layer] - 1, 0), MOST_S[layer] * 1000)
        return longest_ms // 2 + int.from_bytes(os.urandom(2), "big") * longest_ms // 131_072

    async def pause(self) -> None:
        """Wait; for a network that comes back by itself no longer than for that."""
        pause_ms, began = self.pause_ms(), ticks.now()
        while ticks.since(began) < pause_ms:
            duty.check_in("link")
            await asyncio.sleep_ms(WIFI_MS)
            if self.layer == WIFI and self._wlan.isconnected():
                return
