"""A whole shop on this machine: broker, host, desk reader, kiosks, cards; started in order, stopped in order.

Everything listens on 127.0.0.1 and on ports of the moment. Host, broker and boards are processes of their
own; a leash ends them when this process dies without a word.
"""

import base64
import binascii
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from simulator import characters, thief, told
from simulator.board import BoardError
from simulator.board.link import clock_command
from simulator.board.process import HEAP_BYTES
from simulator.card import ContactlessCard
from simulator.child import ROOT, ChildError, run_to_end
from simulator.counter import Counter
from simulator.folder import WorldError, lock
from simulator.host import HostDown, HostProcess, HostRefusal
from simulator.leash import Leash
from simulator.observer import Observer, ObserverError
from simulator.reader import Field, Pn532, PtyReader
from simulator.secured import broker_for
from simulator.unit import KioskUnit
from simulator.wallet import HeldCard, Wallet, WalletError

ROM = ROOT / "build" / "firmware" / "firmware.img"
_FIRMWARE_TIMEOUT_S = 120.0


# What a world and its parts raise with a sentence for whoever plays with them.
TROUBLES = (BoardError, ChildError, HostDown, HostRefusal, ObserverError, WalletError, WorldError, OSError)


def build_firmware() -> None:
    """Make the firmware's image, or see that it is the newest; ChildError with what the build says."""
    argv = [sys.executable, "-m", "tools.firmware"]
    run_to_end("the firmware image can't be built", argv, _FIRMWARE_TIMEOUT_S)


class World:
    """One folder holds all that outlives it: the host's database and keys, flash images, the cards' memory.

    `seed` None means true randomness for the cards; `broker` is mosquitto, mosquitto-tls, iotcore, or None
    for any; `people`: with the two operators of a demo.
    """

    def __init__(
        self, folder: Path, seed: int | None = None, broker: str | None = None, people: bool = False
    ) -> None:
        self.folder = folder.resolve()
        self.seed = seed
        self.kiosks: dict[str, KioskUnit] = {}
        self.charges: dict[str, tuple[str, int, int]] = {}  # a till's last at each: key, fen, number
        self.desk_field = Field()
        self.desk = PtyReader(Pn532(self.desk_field))
        self._people = people
        self._broker_kind = broker or os.environ.get("TAPLEDGER_BROKER") or None
        self._desk_lock = threading.Lock()
        self._ends = ExitStack()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Lock the folder, build, start the desk's reader, broker, host, observer; what fails says why.

        What has a stop is handed to `stop` before it is started, so that a start that fails leaves nothing.
        """
        self._ends.callback(os.close, lock(self.folder))
        build_firmware()
        self.wallet = Wallet(self.folder / "cards", self.seed)
        leash = Leash()
        self._ends.callback(leash.close)
        self._ends.callback(self.desk.stop)
        self.desk.start()
        parts = self.folder / "broker"
        parts.mkdir(exist_ok=True)
        self.host = HostProcess(self.folder, 0, leash, self.desk.path, self._people)
        self.broker, spy = broker_for(self.host, parts, leash, self._broker_kind)
        self._ends.callback(self.broker.stop)
        self.broker.start()
        self.host.broker_port = self.broker.port
        self._ends.callback(self.host.stop)
        self.host.start()
        self.counter = Counter(self.host, self.desk, self.desk_field, self._desk_lock)
        self.observer = Observer(spy or self.broker.port)
        self.observer.on_down = lambda name, payload: characters.learn(self.kiosks.get(name), payload)
        self._ends.callback(self.observer.stop)
        self.observer.start()

    def stop(self) -> None:
        """Kiosks first, so that the last acknowledgements still find them; safe to call twice."""
        self._ends.close()

    def add_kiosk(
        self,
        name: str,
        price_fen: int,
        language: str = "zh",
        mode: str = "fixed",
        prices: Sequence[tuple[str, int]] = (),
        display: str = "st7789",
        keypad: bool = False,
        heap_bytes: int = HEAP_BYTES,
    ) -> KioskUnit:
        """Register a kiosk, provision its flash, switch it on; again: change what it is told. One that begins
        in a mode with keys has a keypad anyhow; what hangs on a kiosk stays."""
        said = {
            "price_fen": price_fen,
            "language": language,
            "mode": mode,
            "prices": [list(p) for p in prices],
        }
        answer = self.host.post("/kiosks", name=name, **said)
        unit = self.kiosks.get(name)
        if unit is None:
            folder = self.folder / "kiosks" / name
            keypad = keypad or mode in ("keypad", "list")
            parts: dict[str, Any] = {"display": display, "keypad": keypad, "heap_bytes": heap_bytes}
            unit = KioskUnit(name, folder, ROM, self.broker.port, self.seed or 0, **parts)
            self.kiosks[name] = unit
            self._ends.callback(unit.stop)
            given = answer.get("bundle") if isinstance(answer, dict) else None
            if given is None and not unit.provisioned:
                raise WorldError(
                    f"the host knows kiosk {name} but its flash is gone: move {self.folder} away"
                )
            unit.provision(_bundle(given) if given else None)
            unit.power_on()
        unit.price_fen, unit.language, unit.mode = price_fen, language, mode
        return unit

    def add_purse(self, name: str, balance_fen: int) -> HeldCard:
        """A purse made and loaded at the desk by the host; a balance of 0 makes it and loads nothing."""
        return self.add_card(name, "purse", balance_fen)

    def add_card(self, name: str, kind: str, balance_fen: int) -> HeldCard:
        """The same for any kind the host has: purse, account or plain."""
        held = self.wallet[name] if name in self.wallet else self.wallet.add_blank(name, kind)
        self.issue(held, balance_fen)
        return held

    def issue(self, held: HeldCard, balance_fen: int) -> None:
        """Lay a card on the desk's reader and ask the host to make it one of its own and load it."""
        self.counter.issue(held, balance_fen)
        held.ready = True
        self.wallet.save(held)
        told.wait(self.host, self.kiosks)

    def at_desk(self, card: ContactlessCard, path: str, **body: object) -> Any:
        """Lay a card on the desk's reader and ask the host for something; HostRefusal."""
        return self.counter.at_reader(card, lambda reader: self.host.post(path, reader=reader, **body))

    def clock(self, shift_s: int) -> None:
        """Host and kiosks find their clocks so much further on; a kiosk that is off asks the host later."""
        self.host.advance_clock(shift_s)
        for unit in self.kiosks.values():
            unit.kiosk.board.tell(clock_command(shift_s))

    def clone(self, held: HeldCard, name: str) -> HeldCard:
        """A copy by a thief without keys: he has listened at every kiosk, and reads the card in a pocket."""
        heard = [one for unit in self.kiosks.values() for one in unit.ear.heard(held.card.uid)]
        return self.wallet.add_clone(name, thief.copy(held.card, heard))

    def host_card(self, held: HeldCard) -> dict[str, Any] | None:
        """What the host knows of a card: state, balance_fen, flags; None when it is not one of its cards."""
        try:
            known = self.host.get(f"/cards/{held.uid}")
        except HostRefusal as refusal:
            if refusal.status == 404:
                return None
            raise
        return known if isinstance(known, dict) else None


def _bundle(text: object) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except binascii.Error as error:
        raise WorldError("the host gave a bundle that is not base64") from error
