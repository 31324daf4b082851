"""Hand the parts to each other and run them; whatever dies takes the chip through a restart."""

import asyncio
import gc
import time

from drivers.pn532 import Pn532
from drivers.signals import Signals
from hal import board, clock, flash, seldom, wifi
from kiosk import screens
from kiosk.age import Age
from kiosk.font import Font
from kiosk.front import Front
from kiosk.journal import Journal
from kiosk.layout import Layout
from kiosk.painter import Painter
from kiosk.settings import Settings
from kiosk.teller import Teller
from net.line import Line
from net.link import Link
from protocol.wire import messages
from protocol.wire.mac import kiosk_keys
from update.task import Updates

BUNDLE, DEVICE = "/bundle.cbor", "/device.cbor"
GC_BYTES = 8192  # collect after this much is allocated, so that the heap stays in one piece


def _display() -> tuple:
    """(what draws rows, the table of what stands where on it), as the board's file says."""
    from kiosk import displays

    if board.DISPLAY == "ssd1306":
        from drivers.ssd1306 import Ssd1306

        return Ssd1306(board.i2c()), displays.mono()
    from drivers.st7789 import St7789

    pins, output = board.pins, board.output
    lines = output(pins["LCD_CS"], 1), output(pins["LCD_DC"]), output(pins["LCD_RST"], 1)
    shown = St7789(board.spi(), *lines)
    output(pins["LCD_BACKLIGHT"], 1)
    return shown, displays.colour()


def _painter() -> Painter:
    display, table = _display()
    # a file in ROM is memory: the font stays where it is and costs no heap
    fonts = {size: Font(memoryview(open("/rom/font%d.bin" % size, "rb"))) for size in table[-1]}
    return Painter(display, Layout(table, fonts))


def _pending(count: int) -> None:
    print("journal pending %d" % count)


async def _feed(tasks: list) -> None:
    """Feed the watchdog while every task lives."""
    watchdog = board.watchdog()
    while True:
        for task in tasks:
            if task.done():
                await task  # raises what ended it
                raise RuntimeError("a task ended")
        watchdog.feed()
        seldom.forget()
        await asyncio.sleep_ms(500)


async def _run(painter: Painter) -> None:
    from protocol.wire import bundle as bundles
    from protocol.wire import device as devices

    stored = flash.read_file(BUNDLE)
    if stored is None:
        raise bundles.BundleError("no bundle: provision this kiosk")
    bundle = bundles.decode(stored)
    _, down_key, seal_key = kiosk_keys(bundle["secret"])
    settings = Settings(bundle["name"], down_key, seal_key, flash)
    journal = Journal(flash.partition("journal"), bundle["number"], bundle["epoch"], _pending)
    _pending(journal.pending)
    for name in ("ca", "certificate", "key"):
        del bundle[name]  # what TLS needs is read when it is needed
    if clock.now_s() < max(clock.BUILT_S, bundle["made_s"]):
        clock.set_s(max(clock.BUILT_S, bundle["made_s"]))
    age = Age(flash, clock.now_s, clock.set_s)
    link = Link(bundle, Line(bundle, wifi.station(), clock.hint_s), journal, settings, age)
    lights = board.output(board.pins["LED_GREEN"]), board.output(board.pins["LED_RED"])
    keypad = None
    if board.KEYPAD:
        from drivers.keypad import Keypad

        keypad = Keypad(*board.keys())
    front = Front(painter, Signals(board.pwm(board.pins["BUZZER"]), *lights), keypad)
    reader = Pn532(board.uart(), board.output(board.pins["READER_RESET"], 1), board.uart)
    teller = Teller(reader, journal, settings, link, front, clock.now_s, bundle["number"])
    updates = Updates(bundle["secret"], devices.BOARDS.index(board.NAME), link, teller)
    link.takers.update(dict.fromkeys((messages.WELCOME, messages.UPDATE, messages.PIECE), updates.put))
    teller.open_line = board.till_uart  # type: ignore[assignment]
    await _feed([asyncio.create_task(part.run()) for part in (teller, front, link, age, updates)])


def run() -> None:
    """Run until something dies; then say what on screen and console, and restart."""
    painter = None
    seldom.keep()  # what is imported from here on is for the start alone, or held by who uses it
    try:
        from protocol.wire import device as devices

        gc.collect()  # what importing left behind; a small heap fragments when it grows past it
        gc.threshold(GC_BYTES)
        flash.mount_root()
        board.choose(devices.decode(flash.read_file(DEVICE)))
        painter = _painter()
        asyncio.run(_run(painter))
    except Exception as error:
        print("main: %s: %s" % (type(error).__name__, error))
        if painter is not None:
            painter.show(screens.notice("zh", "out", "crash"))
        time.sleep_ms(1000)
    finally:
        board.reset()
