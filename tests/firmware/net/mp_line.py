"""Each layer of the line has pauses of its own; what fails says where and why, and a clock may be asked."""

MICROPYTHON_ONLY = True

import asyncio
import builtins
import sys


class Chip:
    """Stands for the modules of the chip."""

    Partition = None

    class WLAN:
        pass


sys.modules["network"] = sys.modules["esp32"] = Chip

from net import climb, dial, line

BUNDLE = {
    "host": "127.0.0.1",
    "port": 1,
    "server_name": "",
    "ssid": "shop",
    "password": "",
    "ntp": "127.0.0.1",
}


class Wlan:
    """A network that is there, or not."""

    def __init__(self, there=True):
        self.there = there

    def isconnected(self):
        return self.there


def made(there=True, hints=None):
    return line.Line(BUNDLE, Wlan(there), (hints if hints is not None else []).append)


def fail(way, layer, error, times=1):
    """What the console says."""
    said = []
    builtins.print = lambda *words: said.append(" ".join([str(word) for word in words]))
    for _ in range(times):
        way.layer = layer
        asyncio.run(climb.failed(way, error))
    return said[-1]


def longest(way):
    """The pause without what is drawn: half of it is never left out."""
    drawn = [climb.pause_ms(way) for _ in range(200)]
    assert len(set(drawn)) > 20
    return min(drawn), max(drawn)


def test_pauses_double_with_each_failure_of_a_layer_up_to_its_longest():
    for layer, first_ms, most_ms in ((0, 1000, 30_000), (1, 1000, 30_000), (2, 200, 8000), (3, 2000, 60_000)):
        way = made()
        for times in range(12):
            fail(way, layer, OSError("x"))
            low, high = longest(way)
            expected = min(first_ms << min(times, 8), most_ms)
            assert expected // 2 <= low < 0.6 * expected and 0.9 * expected < high <= expected, (layer, times)


def test_a_layer_that_fails_leaves_those_above_and_forgives_those_below():
    way = made()
    fail(way, line.TCP, OSError("x"), 5)
    fail(way, line.DNS, OSError("x"), 3)
    assert list(way.failures) == [0, 3, 5, 0, 0, 0]
    fail(way, line.HOST, OSError("x"))
    assert list(way.failures) == [0, 0, 0, 0, 0, 1]
    fail(way, line.UP, OSError("x"))  # a connection that stood: it is the host's line that ended
    assert list(way.failures) == [0, 0, 0, 0, 0, 2]
    way.worked()
    assert list(way.failures) == [0] * 6


def test_the_console_says_which_layer_and_why():
    way = made()
    assert fail(way, line.WIFI, OSError("wrong password")) == "link: wifi: wrong password"
    assert way.trouble == "wifi"
    assert fail(way, line.HOST, MemoryError()) == "link: host: MemoryError"
    for text, part, word in (
        (
            "\nThe certificate is not correctly signed by the trusted CA\n",
            "not of our authority",
            " authority",
        ),
        ("\nThe certificate Common Name (CN) does not match with the expected CN\n", "another name", " name"),
        ((-30592, "MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE"), "the broker broke off", " refused"),
        ((32,), "the broker broke off", " refused"),
        (("broker takes nothing",), "broker takes nothing", ""),
    ):
        said = fail(way, line.TLS, ValueError(text) if isinstance(text, str) else OSError(*text))
        assert said.startswith("link: tls: ") and part in said, said
        assert way.trouble == "tls" + word
    way.stands()
    assert way.trouble == ""


def test_only_what_is_refused_for_its_date_asks_a_time_server_whose_word_is_a_hint():
    async def ntp_s(_address):
        return 1_900_000_000

    dial.udp.ntp_s = ntp_s
    hints = []
    way = made(hints=hints)
    fail(way, line.TLS, ValueError("\nThe certificate is not correctly signed by the trusted CA\n"))
    fail(way, line.TLS, OSError(-29312, "MBEDTLS_ERR_SSL_CONN_EOF"))
    assert hints == []
    fail(way, line.TLS, ValueError("\nThe certificate validity has expired\n"))
    fail(way, line.TLS, ValueError("\nThe certificate validity starts in the future\n"))
    assert hints == [1_900_000_000] * 2


def test_nobody_listens_is_the_fault_of_tcp():
    way = made()
    try:
        asyncio.run(climb.open_stream(way))
    except OSError as error:
        assert error.args[0] == "nobody listens at 127.0.0.1:1"
        assert way.layer == line.TCP
        return
    raise AssertionError("somebody does")


def test_a_network_that_comes_back_ends_the_pause():
    way = made(there=False)
    fail(way, line.WIFI, OSError("no such network"), 9)

    async def come_back():
        pausing = asyncio.create_task(climb.pause(way))
        await asyncio.sleep_ms(10)
        assert not pausing.done()
        way.wlan.there = True
        await asyncio.wait_for_ms(pausing, 1000)

    asyncio.run(come_back())
