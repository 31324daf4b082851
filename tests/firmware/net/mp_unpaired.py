"""A kiosk without a bundle, under MicroPython, and what a host on a socket answers it."""

MICROPYTHON_ONLY = True

import asyncio
import sys


class Chip:
    """Stands for the module network."""


sys.modules["network"] = Chip

from net import unpaired
from protocol.wire import bundle, pairing

DEVICE = {"ssid": "shop", "password": "12345678", "host": "127.0.0.1", "port": 0, "tls": 0}
BUNDLE = bundle.encode("K1", 7, b"s" * 32, "10.0.0.2", 8883)


class Wlan:
    def isconnected(self):
        return True


class Host:
    """Answers by turns: bytes, or a function of the identifier that is asked for. The last one for ever."""

    def __init__(self, *answers):
        self.answers, self.asked, self.shown, self.fed = list(answers), [], [], 0

    async def _serve(self, reader, writer):
        line = await reader.readline()
        while (await reader.readline()).strip():
            pass
        self.asked.append(line)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        writer.write(answer(self) if callable(answer) else answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    def secret(self):
        """Of the code that is on the screen."""
        return pairing.secret_of(" ".join([text for _, text, _ in self.shown[-1][1:]]))

    def feed(self):
        self.fed += 1

    async def _run(self):
        server = await asyncio.start_server(self._serve, "127.0.0.1", PORT)
        try:
            made = unpaired.Unpaired(dict(DEVICE, port=PORT), Wlan(), self.shown.append, self.feed)
            return await asyncio.wait_for(made.run(), 20)
        finally:
            server.close()
            await server.wait_closed()

    def run(self):
        unpaired.ASK_MS = 10
        return bundle.decode(asyncio.run(self._run()))


PORT = 0
MISSING = b"HTTP/1.0 404 NOT FOUND\r\nContent-Length: 3\r\n\r\nno\n"


def free_port():
    """Nobody listens there now, and no client elsewhere looks for it: the machine gives higher ones."""
    import socket

    # MicroPython's sockets do not say which port they were given
    for port in range(20000 + __import__("os").urandom(1)[0] * 48, 32768):
        probe = socket.socket()
        try:
            probe.bind(socket.getaddrinfo("127.0.0.1", port)[0][-1])
            return port
        except OSError:
            pass
        finally:
            probe.close()
    raise OSError("no free port")


PORT = free_port()


def ok(content):
    return b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-length: %d\r\n\r\n" % len(content) + content


def sealed(host):
    return ok(pairing.seal(host.secret(), b"i" * 16, BUNDLE))


def test_it_shows_a_code_asks_and_takes_what_is_sealed_for_it():
    host = Host(MISSING, MISSING, sealed)
    given = host.run()
    assert (given["name"], given["number"], given["host"]) == ("K1", 7, "10.0.0.2")
    assert (given["ssid"], given["password"]) == ("shop", "12345678"), "its own network stays"
    assert host.asked[0] == host.asked[-1]
    wanted = "GET /api/v1/pair/%s HTTP/1.0\r\n" % pairing.identifier(host.secret()).hex()
    assert host.asked[0].decode() == wanted
    assert host.fed == 2 and len(host.shown) == 2


def test_what_is_wrong_leaves_the_code_and_it_goes_on():
    def other(host):
        return ok(pairing.seal(b"0123456789", b"i" * 16, BUNDLE))

    def spoilt(host):
        return ok(pairing.seal(host.secret(), b"i" * 16, BUNDLE[:-1]))

    def changed(host):
        return sealed(host)[:-1] + b"?"

    host = Host(
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 4001\r\n\r\n" + bytes(4001),
        b"HTTP/1.0 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.0 500 OK\r\nContent-Length: 3\r\n\r\nno\n",
        b"x: y\r\n" * 50,
        ok(b"garbage"),
        other,
        spoilt,
        changed,
        sealed,
    )
    assert host.run()["name"] == "K1"
    assert len(host.asked) == 13 and len({bytes(line) for line in host.asked}) == 1
    assert len(host.shown) == 2


def test_a_code_that_is_too_old_is_drawn_anew():
    host = Host(MISSING, MISSING, MISSING, sealed)
    pairing.LIFE_S, before = 0, pairing.LIFE_S
    try:
        host.run()
    finally:
        pairing.LIFE_S = before
    assert len({bytes(line) for line in host.asked}) > 1 and len(host.shown) > 2
