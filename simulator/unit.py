"""One kiosk as it stands in the shop: board, reader with its field, and the cable to the broker."""

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from protocol.wire import bundle
from simulator.board import HEAP_BYTES
from simulator.card import ContactlessCard
from simulator.kiosk import LED_GREEN, LED_RED, VirtualKiosk
from simulator.network import Network
from simulator.reader import Field, Pn532, PtyReader, hsu
from simulator.reader.faults import Faults
from simulator.serial_till import SerialTill
from simulator.thief import Ear

# The kiosk takes the same card for a new tap after 0.4 s without it.
ABSENT_S: Final = 0.45
ABSENT_LOOKS: Final = 5
GAP_LOOKS: Final = 2  # and another card after so many looks at an empty field
_POWER_ON: Final = "-- power on --"
_PENDING: Final = re.compile(r"journal pending (\d+)")
_SEARCH_A: Final = b"\xd4\x4a\x02\x00"
_LIST_PASSIVE: Final = b"\xd5\x4b"  # its answer; of no card:
_NO_CARD: Final = hsu.build(b"\xd5\x4b\x00")


class _Looks:
    """Counts how often the reader looked and saw an empty field; a listener to its line.

    A look is a search for cards of ISO 14443A; the kiosk's second one, for FeliCa, is part of it.
    """

    def __init__(self) -> None:
        self.all = self.empty = 0
        self.looked = threading.Condition()
        self._is_first = False

    def __call__(self, who: str, data: bytes) -> None:
        if who == "host":
            self._is_first = _SEARCH_A in data
        elif self._is_first and _LIST_PASSIVE in data:
            with self.looked:
                self.all += 1
                self.empty += data.endswith(_NO_CARD)
                self.looked.notify_all()


class KioskUnit:
    """`outcomes` counts how often a lamp went on: the firmware draws a result, then lights one lamp."""

    def __init__(
        self,
        name: str,
        folder: Path,
        rom: Path,
        broker_port: int,
        seed: int = 0,
        heap_bytes: int = HEAP_BYTES,
        display: str = "st7789",
        keypad: bool = False,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.price_fen, self.language, self.mode, self.outcomes = 0, "zh", "fixed", 0
        self.online = True
        self.field = Field()
        self._bundle_file = folder / "bundle.cbor"
        self.ear = Ear()
        self.field.frame_listeners.append(self.ear)
        self.reader = Pn532(self.field)
        self._looks = _Looks()
        self.reader.line_listeners.append(self._looks)
        self._line = PtyReader(self.reader).start()
        self.proxy = Network(broker_port, seed=seed)
        self.proxy.start()
        self.till = SerialTill()
        self.kiosk = VirtualKiosk(
            rom, folder, self._line, self.till.path, display=display, keypad=keypad, heap_bytes=heap_bytes
        )
        self._lit: set[int] = set()
        self.kiosk.board.chip.on_pin.append(self._on_pin)
        self.kiosk.board.chip.on_power.append(lambda _on: self._lit.clear())

    @property
    def looks(self) -> int:
        """How often the kiosk has looked for a card."""
        return self._looks.all

    @property
    def reader_faults(self) -> Faults:
        """What goes wrong next between the reader and the kiosk."""
        return self.reader.faults

    @property
    def powered(self) -> bool:
        return self.kiosk.running

    @property
    def provisioned(self) -> bool:
        return self._bundle_file.exists()

    def provision(self, given: bytes | None = None) -> None:
        """Put a bundle on the flash, with today's port of our proxy; None means the one of last time."""
        if given is not None:
            self._bundle_file.touch(mode=0o600)
            self._bundle_file.write_bytes(given)
        known = bundle.decode(self._bundle_file.read_bytes())
        known.update(host="127.0.0.1", port=self.proxy.port)
        self.kiosk.provision(bundle.encode(**known))

    def power_on(self) -> None:
        if not self.powered:
            self.kiosk.board.console.note(_POWER_ON)
            self.kiosk.power_on()

    def power_cut(self) -> None:
        self.kiosk.power_cut()

    def network(self, up: bool, access_point: bool = False) -> None:
        """Cut silently, as a radio network does, or restore: back ends slow and lossy too. `access_point`:
        the Wi-Fi goes and comes with it, which the firmware is told.
        """
        self.online = up
        if access_point:
            self.kiosk.board.access_point(up)
        if up:
            self.proxy.back()
        else:
            self.proxy.cut()

    def place(self, card: ContactlessCard) -> None:
        self.field.place(card)

    def remove(self) -> None:
        self.field.remove()

    def wait_unseen(self, timeout_s: float) -> bool:
        """Wait until the reader has looked ABSENT_LOOKS times, over ABSENT_S, and seen nobody: then the same
        card is a new tap.
        """
        looks, before, first_s = self._looks, self._looks.empty, time.monotonic()
        with looks.looked:
            # at its second empty look the kiosk has taken note of the first: from there its clock runs
            if not looks.looked.wait_for(lambda: looks.empty > before + 1, timeout_s):
                return False
            left_s = timeout_s - ((seen_s := time.monotonic()) - first_s)
            # one look more than it asks for: that one shows that it has taken note of those before
            return looks.looked.wait_for(
                lambda: looks.empty > before + ABSENT_LOOKS and time.monotonic() - seen_s > ABSENT_S,
                left_s,
            )

    def wait_empty(self, timeout_s: float) -> bool:
        """Wait until the kiosk has noted that the last card left: then another one is a new tap."""
        looks, before = self._looks, self._looks.empty
        with looks.looked:
            return looks.looked.wait_for(lambda: looks.empty > before + GAP_LOOKS, timeout_s)

    def screen(self) -> list[str]:
        """The lines of text that the pixels show."""
        return self.kiosk.screen_lines()

    def shows(self, *texts: str) -> bool:
        """Is one of these on the screen now? Spaces do not count: a wide glyph may be read with a gap."""
        seen = "\n".join(self.screen()).replace(" ", "")
        return any(text.replace(" ", "") in seen for text in texts)

    def pending(self) -> int | None:
        """Records not acknowledged, as the firmware says; None while it has not said so since power on."""
        for line in reversed(self.kiosk.board.console.tail()):
            if line == _POWER_ON:
                return None
            found = _PENDING.search(line)
            if found:
                return int(found[1])
        return None

    def wait_for(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until the condition holds, looking again after each event of the board."""
        return self.kiosk.board.wait_for(condition, timeout_s)

    def stop(self) -> None:
        """Everything of this kiosk ends; safe to call twice."""
        self.kiosk.power_cut()
        for line in (self._line, self.till):
            line.stop()
        self.proxy.stop()

    def _on_pin(self, pin: int, level: int) -> None:
        if pin not in (LED_GREEN, LED_RED):
            return
        if level and pin not in self._lit:
            self._lit.add(pin)
            self.outcomes += 1
        elif not level:
            self._lit.discard(pin)
