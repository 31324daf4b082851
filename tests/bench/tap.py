"""The modelled time of a debit on true hardware, from what a virtual kiosk's tap sends, stores and draws.

From the search that finds the card to the lamp that says paid; a host's verdict comes on top where the kiosk
is online (docs/reader-emulator.md).
"""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulator.card.contactless import ContactlessCard
from simulator.kiosk import LED_GREEN
from simulator.reader.field import Damaged
from simulator.reader.timing import ASSUMED, Event, Model, Parameter, Tape
from simulator.unit import KioskUnit
from simulator.world import World
from tests.bench.figures import Figure

PRICE_FEN = 100
WAIT_S = 10.0
TARGETS_MS: Final = {115_200: 300, 921_600: 200}
PARAMETERS: Final = {
    "flash_program": Parameter(0.4, "a page of 256 bytes: Winbond W25Q32JV data sheet, tPP, typical"),
    "flash_erase": Parameter(45.0, "a sector of 4 KiB: the same, tSE, typical"),
    "flash_call": Parameter(0.3, f"{ASSUMED}; the ESP32 around each of them, caches off"),
    "screen_hz": Parameter(40_000_000, "clock of the display's SPI (firmware/hal/board.py)"),
    "screen_call": Parameter(0.1, f"{ASSUMED}; MicroPython around each write to it"),
    "screen_meanwhile": Parameter(0.5, f"{ASSUMED}; part of a strip's time that an answer waits for it"),
    "screen_draw_per_kib": Parameter(0.4, f"{ASSUMED}; MicroPython making the pixels of 1 KiB"),
}
_PAGE_BYTES: Final = 256
_COMMIT: Final = 0xC7
PHASES: Final = ("activation", "authentication", "reading", "debit", "commit", "journal", "screen")
_PHASE_OF: Final = {
    0x5A: "authentication",
    0x71: "authentication",
    0xAD: "reading",
    0x6C: "reading",
    0xDC: "debit",
    0x3B: "debit",
    _COMMIT: "commit",
}


class TapError(RuntimeError):
    """What was to be recorded did not happen."""


@dataclass(frozen=True)
class Tap:
    """What one sale took: line and air in order, programs and erases of the journal, writes to the screen
    after Commit and before it, while the reader worked.
    """

    uid_bytes: int
    events: tuple[Event, ...]
    programs_bytes: tuple[int, ...]
    erases: int
    screen_bytes: tuple[int, ...]
    screen_meanwhile_bytes: tuple[int, ...]

    @property
    def apdus(self) -> int:
        return sum(_ins(event) is not None for event in self.events)


def _ins(event: Event) -> int | None:
    """The DESFire command of an InDataExchange in ISO 7816-4 clothes."""
    at = event.data.find(b"\xd4\x40\x01\x90")
    return event.data[at + 4] if event.kind == "host" and at >= 0 else None


class _Recorder(Tape):
    """One tap, at the pace of true hardware: what the kiosk draws meanwhile is drawn meanwhile."""

    def __init__(self, unit: KioskUnit) -> None:
        super().__init__()
        self.programs: list[int] = []
        self.erases = 0
        self.screen: list[int] = []
        self.screen_meanwhile: list[int] = []
        self.paid = False
        self._committed = False
        self._pace = Model(min(TARGETS_MS))
        chip = unit.kiosk.board.chip
        chip.on_flash.append(self._flash)
        chip.on_spi.append(self._spi)
        chip.on_pin.append(self._pin)
        unit.reader.line_listeners.append(self.line)
        unit.field.frame_listeners.append(self.air)

    def line(self, who: str, data: bytes) -> None:
        super().line(who, data)
        time.sleep(self._pace.run(self.events[-1:]) / 1000)
        self._committed = self._committed or (who == "host" and _ins(self.events[-1]) == _COMMIT)

    def air(self, card: ContactlessCard, frame: bytes, answer: bytes | type[Damaged] | None) -> None:
        super().air(card, frame, answer)
        time.sleep(self._pace.run(self.events[-1:]) / 1000)

    def _flash(self, erase: bool, size: int) -> None:
        if erase and not self.paid:
            self.erases += 1
        elif not self.paid:
            self.programs.append(size)

    def _spi(self, data: bytes) -> None:
        if not self.paid:
            (self.screen if self._committed else self.screen_meanwhile).append(len(data))

    def _pin(self, pin: int, level: int) -> None:
        self.paid = self.paid or (pin == LED_GREEN and bool(level))


def record(unit: KioskUnit, card: ContactlessCard) -> Tap:
    """A tap of this card at a kiosk that is idle. Raises TapError when it is not approved."""
    if not unit.kiosk.wait_screen("请刷卡", WAIT_S) or not unit.wait_unseen(WAIT_S):
        raise TapError(f"the kiosk is not idle: {unit.screen()}")
    heard = _Recorder(unit)
    unit.place(card)
    if not unit.wait_for(lambda: heard.paid, WAIT_S) or not unit.shows("支付成功"):
        raise TapError(f"the tap was not approved: {unit.screen()}")
    unit.remove()
    return Tap(
        len(card.uid),
        tuple(_of_the_tap(heard.events)),
        tuple(heard.programs),
        heard.erases,
        tuple(heard.screen),
        tuple(heard.screen_meanwhile),
    )


def _of_the_tap(events: list[Event]) -> list[Event]:
    """From the search that found the card to the answer of Commit."""
    commit = next(n for n, event in enumerate(events) if _ins(event) == _COMMIT)
    end = next(n for n in range(commit, len(events)) if b"\xd5\x41" in events[n].data)
    found = next(n for n, event in enumerate(events) if b"\xd5\x4b\x01" in event.data)
    start = max(n for n in range(found) if events[n].kind == "host")
    return events[start : end + 1]


def modelled(tap: Tap, baud: int) -> dict[str, float]:
    """Phase -> ms."""
    spent: dict[str, float] = defaultdict(float)
    model, phase = Model(baud), "activation"
    model.select(tap.uid_bytes, second_searched=True)
    spent[phase] = model.now_ms
    for event in tap.events:
        phase = _PHASE_OF.get(_ins(event) or 0, phase)
        spent[phase] += model.run([event])
    spent["journal"] = _journal_ms(tap)
    meanwhile = _screen_ms(tap.screen_meanwhile_bytes) * PARAMETERS["screen_meanwhile"].value
    spent["screen"] = _screen_ms(tap.screen_bytes) + meanwhile
    return {phase: spent[phase] for phase in PHASES}


def _journal_ms(tap: Tap) -> float:
    call = PARAMETERS["flash_call"].value
    pages = sum(-(-size // _PAGE_BYTES) for size in tap.programs_bytes)
    programs = pages * PARAMETERS["flash_program"].value + len(tap.programs_bytes) * call
    return programs + tap.erases * (PARAMETERS["flash_erase"].value + call)


def _screen_ms(writes: Iterable[int]) -> float:
    written = list(writes)
    on_bus = sum(written) * 8 / PARAMETERS["screen_hz"].value * 1000
    drawn = sum(written) / 1024 * PARAMETERS["screen_draw_per_kib"].value
    return on_bus + drawn + len(written) * PARAMETERS["screen_call"].value


def measure(folder: Path) -> list[Figure]:
    """The figures of one tap at both baud rates."""
    with World(folder / "world", seed=1) as world:
        unit = world.add_kiosk("K1", PRICE_FEN)
        held = world.add_purse("A", 400_000)
        if not unit.kiosk.wait_screen("联机", WAIT_S):
            raise TapError(f"the kiosk did not come online: {unit.screen()}")
        record(unit, held.card)  # the first one warms caches
        tap = record(unit, held.card)
    figures = [Figure("APDUs of a debit", tap.apdus, "", 9)]
    for baud, target_ms in TARGETS_MS.items():
        parts = modelled(tap, baud)
        name = f"modelled tap at {baud} baud"
        figures += [Figure(f"{name}, {phase}", round(ms, 1), "ms") for phase, ms in parts.items()]
        figures.append(Figure(f"{name}, all", round(sum(parts.values()), 1), "ms", target_ms))
    return figures
