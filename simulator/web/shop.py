"""The shop that the page shows: one kiosk, the tray of cards, and what the host says of both."""

import threading
from typing import Any, Final

from simulator import front_desk
from simulator.board import display
from simulator.host import HostDown, HostRefusal
from simulator.kiosk import BUZZER, LED_GREEN, LED_RED
from simulator.unit import KioskUnit
from simulator.wallet import HeldCard
from simulator.web.feed import Feed
from simulator.web.setup import Setup, ShopError
from simulator.world import World

_ROW_BYTES: Final = display.WIDTH * 2
_RETRY_S: Final = 0.5
_ASK_S: Final = 0.3  # between two looks at the states of the cards while lines come in
_LOOK_S: Final = 2.0  # and while none come
_SEEN_S: Final = 1.0


class Shop:
    """Between page and world. Every method may be called from any thread; hands move one at a time."""

    def __init__(self, world: World, unit: KioskUnit) -> None:
        self._world = world
        self._unit = unit
        self._hands = threading.Lock()
        self._stopping = threading.Event()
        self._states: dict[str, str] = {}
        self._host_up = True
        self._people = front_desk.people(world.folder)
        self._last_line = 0
        self._news = threading.Event()
        self.feed = Feed(self._state, self._rows)
        self._setup = Setup(world, unit, self.feed.touch)
        self._listen()
        for follow, name in ((self._follow_ledger, "ledger"), (self._follow_cards, "cards")):
            threading.Thread(target=follow, name=name, daemon=True).start()

    def stop(self) -> None:
        """End the streams to the pages. The ledger's thread ends with the host's stream."""
        self._stopping.set()
        self._news.set()
        self.feed.close()

    def place(self, name: str, where: str = "kiosk") -> None:
        """Put a card on the kiosk or the desk's reader; one that lies there is taken off first."""
        if name not in self._world.wallet:
            raise ShopError("card", f"there is no card {name!r} in the tray")
        card, desk = self._world.wallet[name].card, self._world.desk_field
        with self._hands:
            if where == "desk" or card in desk.cards:
                desk.remove()
            if self._unit.field.cards and (where == "kiosk" or card in self._unit.field.cards):
                self._take_off()
            if where == "kiosk":
                self._unit.place(card)
            else:
                desk.place(card)
        self.feed.touch()

    def remove(self, where: str = "kiosk") -> None:
        """Take off whatever lies on the kiosk, or on the desk's reader."""
        with self._hands:
            if where == "kiosk":
                self._take_off()
            else:
                self._world.desk_field.remove()
        self.feed.touch()

    def network(self, up: bool) -> None:
        """Cut or restore the kiosk's Wi-Fi and with it its way to the broker."""
        with self._hands:
            self._unit.network(up, access_point=True)
        self.feed.touch()

    def power(self, on: bool) -> None:
        """Pull the kiosk's plug or put it in again."""
        with self._hands:
            if on:
                self._unit.power_on()
            else:
                self._unit.power_cut()
        self.feed.touch()

    def language(self, language: str) -> None:
        """Have the host tell the kiosk to speak another language."""
        with self._hands:
            self._setup.language(language)

    def mode(self, mode: str) -> None:
        """And what it is for."""
        with self._hands:
            self._setup.choose(mode)

    def press(self, key: str) -> None:
        """Press one of its keys."""
        with self._hands:
            self._setup.press(key)

    def _take_off(self) -> None:
        self._unit.remove()
        if self._unit.powered:
            self._unit.wait_unseen(_SEEN_S)

    def _listen(self) -> None:
        """Hear of everything that can change what the page shows."""
        kiosk = self._unit.kiosk
        kiosk.display.on_change.append(self.feed.screen)
        kiosk.board.chip.on_pin.append(self._on_pin)
        kiosk.board.chip.on_power.append(lambda _on: self.feed.touch())
        kiosk.board.chip.on_pwm.append(self._on_pwm)
        self._unit.field.on_event = lambda _kind, _detail: self.feed.touch()
        self._world.observer.on_message = self.feed.touch

    def _on_pin(self, pin: int, _level: int) -> None:
        if pin in (LED_GREEN, LED_RED):  # the display's pins move thousands of times for one screen
            self.feed.touch()

    def _on_pwm(self, pin: int, freq_hz: int, duty_u16: int) -> None:
        if pin == BUZZER:
            self.feed.tone(freq_hz if duty_u16 else 0)

    def _rows(self, first: int, last: int) -> bytes:
        return self._unit.kiosk.display.pixels()[first * _ROW_BYTES : (last + 1) * _ROW_BYTES]

    def _state(self) -> dict[str, Any]:
        unit, world = self._unit, self._world
        on_kiosk = [card.uid for card in unit.field.cards]
        on_desk = [card.uid for card in world.desk_field.cards]
        return {
            "broker": {"kind": world.broker.kind, "up": world.broker.alive},
            "host": {"up": self._host_up and world.host.alive},
            "kiosk": {
                "name": unit.name,
                "price_fen": unit.price_fen,
                "language": unit.language,
                "mode": unit.mode,
                "powered": unit.powered,
                "network": unit.online,
                "linked": unit.powered and unit.online and world.observer.online(unit.name),
                "pending": unit.pending(),
                "green": unit.kiosk.green,
                "red": unit.kiosk.red,
                "words": self._screen_words(),
            },
            "desk": {"page": f"http://127.0.0.1:{world.host.port}/", "people": self._people},
            "cards": [self._card(held, on_kiosk, on_desk) for held in world.wallet],
        }

    def _screen_words(self) -> list[str]:
        """The screen as text for those who do not see it; read again only when it shows something else."""
        return self._unit.screen() if self._unit.powered else []

    def _card(self, held: HeldCard, on_kiosk: list[bytes], on_desk: list[bytes]) -> dict[str, Any]:
        return {
            "name": held.name,
            "kind": held.kind,
            "uid": held.uid,
            "value_fen": held.value_fen(),
            "state": self._states.get(held.uid, "foreign" if held.kind == "foreign" else "active"),
            "on_kiosk": held.card.uid in on_kiosk,
            "on_desk": held.card.uid in on_desk,
        }

    def _follow_ledger(self) -> None:
        """Hand on the host's stream of ledger lines; after a break go on behind the last line."""
        while not self._stopping.is_set():
            try:
                for line in self._world.host.ledger_lines(self._last_line):
                    self._last_line = int(line["id"])
                    self.feed.line(line)
                    self._news.set()
            except (HostDown, HostRefusal, KeyError, TypeError, ValueError):
                self._news.set()
                self._stopping.wait(_RETRY_S)

    def _follow_cards(self) -> None:
        """Ask the host for the states of the cards: after news, and at times without, for a card can be
        reported lost without a line in the ledger.
        """
        while not self._stopping.is_set():
            self._news.clear()
            before = self._host_up, self._states
            try:
                rows = self._world.host.get("/cards")
                self._states = {str(row["uid"]).lower(): str(row["state"]) for row in rows}
                self._host_up = True
            except (HostDown, HostRefusal, KeyError, TypeError, ValueError):
                self._host_up = False
            if (self._host_up, self._states) != before:
                self.feed.touch()
            self._stopping.wait(_ASK_S)
            self._news.wait(_LOOK_S)
