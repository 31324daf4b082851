"""Hand the parts to each other and run them; whatever dies takes the chip through a restart."""

import asyncio
import gc
import time

from drivers.pn532 import WAKE_BAUD, Pn532
from drivers.signals import Signals
from hal import clock, flash, seldom, serial
from kiosk.age import Age
from kiosk.front import Front
from kiosk.journal import Journal
from kiosk.painter import Painter
from kiosk.settings import Settings
from kiosk.store import Store
from kiosk.supervisor import describe, supervise
from kiosk.teller import Teller
from net import sync
from net.line import Line
from net.link import FIRMWARE, Link
from protocol.wire import messages
from protocol.wire.faults import RESTART
from protocol.wire.mac import kiosk_keys
from update.task import Updates

BUNDLE, DEVICE = "/bundle.cbor", "/device.cbor"
LASTING = "name secret host port ssid password server_name ntp"  # what TLS needs is read when it is needed
READER_BUFFER_BYTES, TILL_BUFFER_BYTES, TILL_BAUD = 512, 256, 9600
GC_BYTES = 8192  # collect after this much is allocated, so that the heap stays in one piece


def _display() -> tuple:
    """(what draws rows, the table of what stands where on it), as the board's file says."""
    from hal import board
    from kiosk import displays

    if board.DISPLAY == "ssd1306":
        from drivers.ssd1306 import Ssd1306

        return Ssd1306(board.i2c()), displays.mono()
    from drivers.st7789 import St7789

    pins, output = board.pins, board.output
    lines = output(pins["LCD_CS"], 1), output(pins["LCD_DC"]), output(pins["LCD_RST"], 1)
    shown = St7789(board.spi(), *lines, displays.RGB565)
    output(pins["LCD_BACKLIGHT"], 1)
    return shown, displays.colour()


def _painter() -> Painter:
    display, table = _display()
    # a file in ROM is memory: the font stays where it is and costs no heap
    fonts = {size: memoryview(open("/rom/font%d.bin" % size, "rb")) for size in table[-1]}
    return Painter(display, table, fonts)


def _pending(count: int) -> None:
    print("journal pending %d" % count)


def _parts(painter: Painter) -> tuple:
    """-> (store, {name of a task: its coroutine})"""
    from hal import board, wifi
    from protocol.wire import bundle as bundles
    from protocol.wire import device as devices

    stored = flash.read_file(BUNDLE)
    if stored is None:
        raise bundles.FormError("no bundle: provision this kiosk")
    bundle = bundles.decode(stored)
    _, down_key, seal_key = kiosk_keys(bundle["secret"])
    settings = Settings(bundle["name"], down_key, seal_key, flash, not board.lost_power())
    journal = Journal(flash.partition("journal"), bundle["number"], bundle["epoch"], _pending)
    _pending(journal.pending)
    if clock.now_s() < max(clock.BUILT_S, bundle["made_s"]):
        clock.set_s(max(clock.BUILT_S, bundle["made_s"]))
    age = Age(flash, clock.now_s, clock.set_s)
    store = Store(flash, journal, age, clock.now_s, FIRMWARE)
    if board.was_bitten():
        store.note(RESTART, "watchdog: no task said why")
    kept = {name: bundle[name] for name in LASTING.split()}
    link = Link(Line(kept, wifi.station(), clock.hint_s), journal, settings, age, store)
    lights = board.output(board.pins["LED_GREEN"]), board.output(board.pins["LED_RED"])
    keypad = None
    if board.KEYPAD:
        from drivers.keypad import Keypad

        keypad = Keypad(*board.keys())
    front = Front(painter, Signals(board.pwm(board.pins["BUZZER"]), *lights), keypad)
    line = board.pins["UART_ID"], board.pins["UART_TX"], board.pins["UART_RX"], READER_BUFFER_BYTES
    open_reader = serial.opener(line, WAKE_BAUD)
    reader = Pn532(open_reader(), board.output(board.pins["READER_RESET"], 1), open_reader)
    teller = Teller(reader, journal, settings, link, front, store, clock.now_s, bundle["number"])
    updates = Updates(bundle["secret"], devices.BOARDS.index(board.NAME), link, teller)
    link.takers.update(dict.fromkeys((messages.WELCOME, messages.UPDATE, messages.PIECE), updates.put))
    teller.open_line = serial.opener(board.pins["TILL_UART"] + (TILL_BUFFER_BYTES,), TILL_BAUD)
    tasks = {"ui": front.run(), "nfc": teller.run(), "journal": store.run(), "link": link.run()}
    tasks.update({"sync": sync.run(link), "update": updates.run()})
    return store, tasks


async def _run(store: Store, tasks: dict, watchdog) -> str:  # type: ignore[no-untyped-def]
    """-> why the kiosk has to start again"""
    made = {name: asyncio.create_task(tasks[name]) for name in tasks}
    return await supervise(made, watchdog.feed, lambda: store.serving)


def _given() -> dict:
    """What kind of device this is; who decodes it is not held for as long as run() runs."""
    from protocol.wire import device as devices

    return devices.decode(flash.read_file(DEVICE))


def run() -> None:
    """Run until something dies; then say what on screen and console, keep it for the host, and restart."""
    seldom.keep()  # what is imported from here on is for the start alone, or held by who uses it
    from hal import board, mount

    painter = store = None
    watchdog = board.watchdog()
    try:
        gc.collect()  # what importing left behind; a small heap fragments when it grows past it
        gc.threshold(GC_BYTES)
        mount.mount_root()
        given = _given()
        board.choose(given)
        painter = _painter()
        if given["host"] and flash.read_file(BUNDLE) is None:
            from hal import wifi
            from net.unpaired import Unpaired

            painter.start()
            waiting = Unpaired(given, wifi.station(), painter.show, watchdog.feed)
            flash.write_file(BUNDLE, asyncio.run(waiting.run()))
            return  # and start as a kiosk
        store, tasks = _parts(painter)
        del board, mount  # they are not held for as long as the kiosk runs
        seldom.forget()
        gc.collect()
        _pause(painter, store, asyncio.run(_run(store, tasks, watchdog)), watchdog)
    except Exception as error:
        _pause(painter, store, describe("main", error), watchdog)
    finally:
        from hal import board

        board.reset()


def _pause(painter, store, why: str, watchdog) -> None:  # type: ignore[no-untyped-def]
    """What stopped the kiosk is told, and starts that follow one another get rarer."""
    print("restart: %s" % why)
    if painter is not None:
        from kiosk import screens

        try:
            painter.start()  # it may not have come so far
            painter.show(screens.notice("zh", "out", "crash"))
        except OSError:
            pass  # no display: the console has said it
    from kiosk import faults

    if store is None:  # it did not come so far
        store = Store(flash, None, None, clock.now_s, FIRMWARE)
    for _ in range(faults.pause_s(store.note(RESTART, why))):
        watchdog.feed()
        time.sleep_ms(1000)
