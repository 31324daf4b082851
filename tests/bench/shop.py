"""Taps in the simulated shop: real host, broker, firmware and card, one tap after the other."""

import statistics
import threading
import time
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from protocol.wire import topics
from simulator.board import link
from simulator.unit import KioskUnit
from simulator.wallet import HeldCard
from simulator.world import ROM, World
from tests.bench import baselines
from tests.bench.figures import Figure, median_and_p99
from tests.soak.day import live_bytes

TAPS = 200
BOOTS = 15
PRICE_FEN = 100
WAIT_S = 10.0
HEAP_STEP_BYTES = 4 * 1024
HEAP_MAX_BYTES = 176 * 1024
NOBODY_PORT = 9  # no broker listens there: the kiosk is offline


class BenchError(RuntimeError):
    """What was to be measured did not work."""


class Stopwatch:
    """Notes when each message of one kiosk passes the broker, both ways."""

    def __init__(self, port: int, kiosk: str) -> None:
        self.passed: list[tuple[str, float]] = []
        self._ready = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = lambda _c, _u, message: self.passed.append(
            (message.topic.rsplit("/", 1)[1], time.perf_counter())
        )
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._client.subscribe([(topics.up(kiosk), 1), (topics.down(kiosk), 1)])
        if not self._ready.wait(WAIT_S):
            raise BenchError("the broker takes no subscription")

    def acknowledgements_s(self) -> list[float]:
        """From each message up to the next one down."""
        pairs = zip(self.passed, self.passed[1:], strict=False)
        return [after[1] - before[1] for before, after in pairs if (before[0], after[0]) == ("up", "down")]

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def _tap(unit: KioskUnit, held: HeldCard) -> float:
    """Seconds from the card's arrival in the field to the green light after "approved"."""
    before = unit.outcomes
    began = time.perf_counter()
    unit.place(held.card)
    if not unit.wait_for(lambda: unit.outcomes > before, WAIT_S):
        raise BenchError(f"no outcome of a tap: {unit.screen()}")
    took_s = time.perf_counter() - began
    unit.remove()
    if not unit.shows("支付成功"):
        raise BenchError(f"a tap was not approved: {unit.screen()}")
    if not unit.wait_for(lambda: unit.pending() == 0, WAIT_S) or not unit.wait_unseen(WAIT_S):
        raise BenchError("a sale was not acknowledged")
    return took_s


def _boot(unit: KioskUnit) -> float:
    """Seconds from power on to the idle screen."""
    unit.power_cut()
    began = time.perf_counter()
    unit.power_on()
    if not unit.kiosk.wait_screen("请刷卡", WAIT_S):
        raise BenchError(f"the kiosk did not boot: {unit.screen()}")
    return time.perf_counter() - began


def _live_heap_bytes(unit: KioskUnit) -> int:
    """At this moment."""
    board = unit.kiosk.board
    board.tell(link.heap_command())
    if not unit.wait_for(lambda: board.chip.live_heap_bytes is not None, WAIT_S):
        raise BenchError("the board did not count its heap")
    return board.chip.live_heap_bytes or 0


def _longest_step_us(unit: KioskUnit) -> int:
    board = unit.kiosk.board
    board.tell(link.step_command())
    if not unit.wait_for(lambda: board.chip.longest_step_us is not None, WAIT_S):
        raise BenchError("the board did not say how long its tasks take")
    return board.chip.longest_step_us or 0


def _sells_with(heap_bytes: int, folder: Path, held: HeldCard) -> bool:
    """Does the kiosk on these flash images boot and approve a sale with so much heap, offline?"""
    unit = KioskUnit("K1", folder, ROM, NOBODY_PORT, heap_bytes=heap_bytes)
    try:
        unit.power_on()
        board = unit.kiosk.board
        if not unit.kiosk.wait_screen("请刷卡", 2.0) or not unit.wait_unseen(2.0):
            return False
        before = unit.outcomes
        unit.place(held.card)
        unit.wait_for(lambda: unit.outcomes > before or not unit.powered, 2.0)
        return unit.shows("支付成功") and not board.chip.resets
    finally:
        unit.remove()
        unit.stop()


def _smallest_heap_bytes(folder: Path, held: HeldCard) -> int:
    low, high = 0, HEAP_MAX_BYTES // HEAP_STEP_BYTES
    while high - low > 1:
        middle = (low + high) // 2
        if _sells_with(middle * HEAP_STEP_BYTES, folder, held):
            high = middle
        else:
            low = middle
    return high * HEAP_STEP_BYTES


def measure(folder: Path) -> list[Figure]:
    """All figures of the shop; its files go below `folder`."""
    sync_s, bare_s = baselines.fdatasync_s(folder), baselines.bare_micropython_s()
    with World(folder / "world", seed=1) as world:
        unit = world.add_kiosk("K1", PRICE_FEN)
        held = world.add_purse("A", 400_000)
        if not unit.kiosk.wait_screen("联机", WAIT_S):
            raise BenchError(f"the kiosk did not come online: {unit.screen()}")
        _tap(unit, held)  # the first one warms caches
        watch = Stopwatch(world.broker.port, "K1")
        taps_s = [_tap(unit, held) for _ in range(TAPS)]
        watch.stop()
        step_us = _longest_step_us(unit)
        boots_s = [_boot(unit) for _ in range(BOOTS)]
        early_bytes, shim_bytes = _live_heap_bytes(unit), unit.kiosk.board.chip.shim_heap_bytes
        if not unit.kiosk.wait_screen("联机", WAIT_S):
            raise BenchError(f"the kiosk did not come online again: {unit.screen()}")
        heap_bytes = live_bytes(unit)
        unit.stop()
        smallest_bytes = _smallest_heap_bytes(folder / "world" / "kiosks" / "K1", held)
        broker = world.broker.kind
    return [
        Figure("fdatasync of 256 bytes, median", round(sync_s * 1000, 3), "ms"),
        Figure("bare MicroPython process, median", round(bare_s * 1000, 1), "ms"),
        *median_and_p99("tap to approved", taps_s, sync_s, target_ms=300),
        *median_and_p99(f"message to acknowledgement ({broker})", watch.acknowledgements_s(), sync_s, 50),
        Figure("boot to idle, median", round(statistics.median(boots_s) * 1000, 1), "ms", 150),
        Figure("longest step of a task, selling and syncing", round(step_us / 1000, 1), "ms", 30),
        Figure("boot to idle / bare process", round(statistics.median(boots_s) / bare_s, 1), "x"),
        Figure("heap live after boot, the firmware's share", round(heap_bytes / 1024, 1), "KiB", 60),
        Figure("heap live before that, on its way to the broker", round(early_bytes / 1024, 1), "KiB"),
        Figure("smallest heap that boots and sells, its share", smallest_bytes // 1024, "KiB", 96),
        Figure("heap of what stands for the chip's own modules", round(shim_bytes / 1024, 1), "KiB"),
    ]
