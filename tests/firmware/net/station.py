"""A kiosk's link alone, for MicroPython: the real Link and Line over a bundle, a journal in memory.

station.py BUNDLE-FILE DNS-PORT NTP-PORT REPORTS KEEPALIVE-S PACE: prints what comes about, a line each.
It waits a kiosk's time divided by PACE.
"""

import asyncio
import sys


class Chip:
    """Stands for the modules of the chip."""

    Partition = RTC = None

    class WLAN:
        pass


sys.modules["machine"] = sys.modules["network"] = sys.modules["esp32"] = Chip

import linked
from hal import flash, wifi
from net import climb, dial, line, link, mqtt, outbox, sync, udp
from protocol.wire import bundle

BUNDLE = sys.argv[1]
udp.DNS_PORT, udp.NTP_PORT, reports, mqtt.KEEPALIVE_S, PACE = [int(word) for word in sys.argv[2:]]
dial.BUNDLE, udp.ANSWER_MS = BUNDLE, 300
for module, names in (
    (dial, "TCP_MS"),
    (link, "HELLO_MS ANSWER_MS QUIET_MS CONFIRM_MS STEADY_MS"),
    (climb, "CONNECT_MS"),
    (mqtt, "ACK_MS"),
    (outbox, "RESEND_MS"),
):
    for name in names.split():
        setattr(module, name, getattr(module, name) // PACE)
climb.FIRST_MS, climb.MOST_S = b"\x01" * 6, b"\x01" * 6  # pauses of a test


class Wlan:
    """A network that is there."""

    def isconnected(self):
        return True


class Journal(linked.Journal):
    """Reports that are forgotten once the host holds them."""

    def acknowledged(self, slots):
        super().acknowledged(slots)
        print("pending", self.pending)


wifi.dns_server = lambda _wlan: "127.0.0.1"


async def main():
    given = bundle.decode(flash.read_file(BUNDLE))
    way = line.Line(given, Wlan(), lambda seconds: print("hint", seconds))
    journal = Journal([(1, n) for n in range(1, reports + 1)])
    made = link.Link(way, journal, linked.Settings(), linked.Age([]), linked.Store())
    running, sending = asyncio.create_task(made.run()), asyncio.create_task(sync.run(made))
    begin = made._begin

    async def begun():
        print("begun")
        await begin()

    made._begin = begun
    was = None
    while not running.done() and not sending.done():
        now = (made.online, (line.LAYERS + " -").split()[way.layer])
        if now != was:
            print("online" if made.online else "offline " + now[1])
            was = now
        await asyncio.sleep_ms(5)


asyncio.run(main())
