"""A kiosk that has no bundle yet: shows a code, and asks the host for what is sealed under it.

HTTP/1.0, a GET every few seconds. TLS without a look at the certificate, where the host wants it: what
comes is authentic by the code alone. Wi-Fi stays what the device file says.
"""

import asyncio
import os
import ssl

from hal import ticks, wifi
from kiosk import screens
from protocol.wire import bundle as bundles
from protocol.wire import pairing

PATH = "/api/v1/pair/"
ASK_MS = 2000
ANSWER_S = 8
JOIN_MS = 20_000
HEAD_MAX = 40  # lines of an answer's head


class Unpaired:
    """given: a device as in protocol/wire/device.py; show(items), feed(): screen and watchdog."""

    def __init__(self, given: dict, wlan, show, feed) -> None:  # type: ignore[no-untyped-def]
        self._given, self._wlan, self._show, self._feed = given, wlan, show, feed
        self._secret, self._drawn = b"", ticks.now()

    async def run(self) -> bytes:
        """-> the bundle to be kept, once the host has one for a code that was shown. For ever until then."""
        self._show(screens.pair("Wi-Fi"))
        while True:
            try:
                await self._joined()
                if not self._secret or ticks.since(self._drawn) > pairing.LIFE_S * 1000:
                    # with the radio on the chip's numbers are random
                    self._secret, self._drawn = os.urandom(pairing.SECRET_SIZE), ticks.now()
                    self._show(screens.pair(pairing.code(self._secret)))
                sealed = await asyncio.wait_for(self.ask(pairing.identifier(self._secret)), ANSWER_S)
                if sealed:
                    return self._opened(sealed)
            except Exception as error:  # whatever the network or the host does, the code stays
                print("pairing: %s" % (error.args[-1] if error.args else type(error).__name__))
            self._feed()
            await asyncio.sleep_ms(ASK_MS)

    def _opened(self, sealed: bytes) -> bytes:
        made = bundles.decode(pairing.open_(self._secret, sealed))
        made["ssid"], made["password"] = self._given["ssid"], self._given["password"]
        return bundles.encode(**made)

    async def _joined(self) -> None:
        if self._wlan.isconnected():
            return
        wifi.join(self._wlan, self._given["ssid"], self._given["password"])
        began = ticks.now()
        while not self._wlan.isconnected():
            if ticks.since(began) > JOIN_MS:
                raise OSError(wifi.why(self._wlan))
            self._feed()
            await asyncio.sleep_ms(50)

    async def ask(self, identifier: bytes) -> bytes:
        """What is sealed for this identifier; b"" while there is nothing. OSError, ValueError."""
        given, context = self._given, None
        if given["tls"]:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.verify_mode = ssl.CERT_NONE  # type: ignore[attr-defined]
        reader, writer = await asyncio.open_connection(
            given["host"], given["port"], ssl=context, server_hostname=given["host"] if context else None
        )
        try:
            asked = "GET %s%s HTTP/1.0\r\nHost: %s\r\n\r\n" % (PATH, identifier.hex(), given["host"])
            writer.write(asked.encode())
            await writer.drain()
            status = (await reader.readline())[9:12]
            size = 0
            for _ in range(HEAD_MAX):
                line = (await reader.readline()).strip().lower()
                if not line:
                    break
                if line.startswith(b"content-length:"):
                    size = int(line[15:])
            if status == b"404":
                return b""
            if status != b"200" or not 0 < size <= pairing.SEALED_MAX:
                raise OSError("the host answers %s" % status.decode())
            return await reader.readexactly(size)
        finally:
            writer.close()
            await writer.wait_closed()
