"""Taps through a day: real host and broker, the built firmware image in the heap that is its goal, virtual
card and reader.

Between two taps the board's clock leaps (simulator/board/shim/waiting.py), so a day of 20,000 taps takes the
machine about 20 minutes. What lives on the heap is counted after a collection, when the journal is told,
several times in a row: a collection meets the tasks at whatever they do, so the least of them counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from simulator.board import link
from simulator.unit import KioskUnit
from simulator.wallet import HeldCard
from simulator.world import World
from tests.firmware.budgets.limits import HEAP_BYTES

PRICE_FEN = 10
WAIT_S = 30.0
SAMPLES = 8
GAP_MS = 200  # between samples


class SoakError(RuntimeError):
    """A tap was not approved, or the kiosk did not last."""


@dataclass(frozen=True)
class Point:
    """What lived on the firmware's heap after so many taps."""

    taps: int
    live_bytes: int


def _leap(unit: KioskUnit, ms: int) -> None:
    board = unit.kiosk.board
    before = board.chip.leaps
    board.tell(link.leap_command(ms))
    if not unit.wait_for(lambda: board.chip.leaps > before or not unit.powered, WAIT_S):
        raise SoakError(f"time does not pass: {unit.screen()}")


def _tap(unit: KioskUnit, held: HeldCard, gap_ms: int) -> None:
    before = unit.outcomes
    unit.place(held.card)
    if not unit.wait_for(lambda: unit.outcomes > before, WAIT_S):
        raise SoakError(f"no outcome of a tap: {unit.screen()}")
    unit.remove()
    if not unit.kiosk.green:
        raise SoakError(f"a tap was not approved: {unit.screen()}")
    _leap(unit, gap_ms)


def live_bytes(unit: KioskUnit) -> int:
    """The least of SAMPLES counts of the firmware's share of the heap."""
    board, counts = unit.kiosk.board, []
    if not unit.wait_for(lambda: unit.pending() == 0, WAIT_S):
        raise SoakError(f"{unit.pending()} sales were not acknowledged")
    for _ in range(SAMPLES):
        board.chip.live_heap_bytes = None
        board.tell(link.heap_command())
        if not unit.wait_for(lambda: board.chip.live_heap_bytes is not None, WAIT_S):
            raise SoakError("the board did not count its heap")
        counts.append(board.chip.live_heap_bytes or 0)
        _leap(unit, GAP_MS)
    return min(counts)


def day(folder: Path, taps: int, span_ms: int, points: int) -> Iterator[Point]:
    """Over `span_ms` of the kiosk's clock: a point after the first taps, which warm it up, then `points`
    more, the last one at the end.

    SoakError when anything goes wrong; card and journal are looked over at the end.
    """
    gap_ms = span_ms // taps
    warm, step = max(taps // 100, 10), max(taps // points, 1)
    with World(folder / "world", seed=1) as world:
        unit = world.add_kiosk("K1", PRICE_FEN, heap_bytes=HEAP_BYTES)
        held = world.add_purse("A", 400_000)
        if not unit.kiosk.wait_screen("联机", WAIT_S):
            raise SoakError(f"the kiosk did not come online: {unit.screen()}")
        chip = unit.kiosk.board.chip
        unit.reader.try_s = 0  # a search in vain waits on the board's clock, not on the machine's
        for number in range(1, taps + 1):
            _tap(unit, held, gap_ms)
            if chip.resets or unit.kiosk.problems():
                raise SoakError(f"after {number} taps: {chip.resets} restarts, {unit.kiosk.problems()}")
            if number in (warm, taps) or number % step == 0:
                yield Point(number, live_bytes(unit))
        left_fen = held.value_fen()
        if left_fen != 400_000 - taps * PRICE_FEN:
            raise SoakError(f"the card holds {left_fen} fen after {taps} sales of {PRICE_FEN}")
