"""What the customer sees, hears and presses: the task ui, which alone has screen, lights, buzzer and keys.

The session's show_ actions only say what is to be seen. It is drawn strip by strip, gives way to what comes
next, and an outcome lights up and sounds once it can be read.
"""

import asyncio

from kiosk import screens

LOOK_MS = 10
STRIP_PAUSE_MS = 5  # while a card is worked on, which is not to wait for the screen
KEYS_MAX = 8  # pressed and not yet taken


class Front:
    """painter.strips(lines), signals.play(outcome) and dark(), keypad.scan() -> the key that went down or '';
    methods take the teller for what they show.
    """

    def __init__(self, painter, signals, keypad=None) -> None:  # type: ignore[no-untyped-def]
        self._painter, self._signals, self.keypad = painter, signals, keypad
        self._lines: tuple | None = None  # to be drawn
        self._drawn, self._pause_ms, self._outcome = asyncio.Event(), 0, ""
        self._playing: asyncio.Task = None
        self._keys: list = []

    async def run(self) -> None:
        """For ever."""
        while True:
            if self._lines is None:
                await asyncio.sleep_ms(LOOK_MS)
            else:
                await self._draw(self._lines)
            self._scan()

    async def _draw(self, lines: tuple) -> None:
        for _ in self._painter.strips(lines):
            await asyncio.sleep_ms(self._pause_ms)
            if self._lines is not lines:
                return
            self._scan()
        self._lines = None
        self._drawn.set()  # it is noted that the customer was told, then
        if self._outcome:
            if self._playing is not None:
                self._playing.cancel()  # two patterns on one buzzer would be a third
            self._playing = asyncio.create_task(self._signals.play(self._outcome))

    def _scan(self) -> None:
        key = self.keypad.scan() if self.keypad is not None else ""
        if key and len(self._keys) < KEYS_MAX:
            self._keys.append(key)

    def key(self) -> str:
        """The next key that was pressed, '' for none."""
        return self._keys.pop(0) if self._keys else ""

    async def drawn(self) -> None:
        """Until what was last to be shown can be read."""
        if self._lines is not None:
            await self._drawn.wait()

    def show(self, lines: tuple, outcome: str = "", pause_ms: int = 0) -> None:
        """Have these lines drawn; outcome: what to light up and play then."""
        if not outcome:
            self._signals.dark()
        self._drawn.clear()
        self._lines, self._outcome, self._pause_ms = lines, outcome, pause_ms

    def show_idle(self, teller) -> None:  # type: ignore[no-untyped-def]
        """Price and whether the host answers."""
        resting, online = teller.presence.resting, teller.link.online
        self.show(screens.idle(teller.settings.language, teller.price_fen, online, resting))

    def show_reading(self, teller, what: str = "reading") -> None:  # type: ignore[no-untyped-def]
        """Hold still; what: reading, or collecting while the host talks to the card."""
        self.show(screens.reading(teller.settings.language, teller.price_fen, what), "", STRIP_PAUSE_MS)

    def show_paid(self, teller) -> None:  # type: ignore[no-untyped-def]
        """Amount taken and balance after; in other words when it was taken at an earlier tap."""
        amount_fen, balance_fen = teller.sale["amount_fen"], teller.sale["value_fen"]
        language, collected_fen = teller.settings.language, teller.collected_fen
        before_fen = None if teller.already else balance_fen + amount_fen
        lines = screens.paid(language, amount_fen, before_fen, balance_fen, teller.already, collected_fen)
        self.show(lines, "paid")

    def show_refused(self, teller) -> None:  # type: ignore[no-untyped-def]
        """Nothing taken, and why."""
        language, shown_fen = teller.settings.language, teller.shown_fen
        lines = screens.notice(language, "not_charged", teller.reason, shown_fen, teller.collected_fen)
        self.show(lines, "refused")

    def show_rejected(self, teller) -> None:  # type: ignore[no-untyped-def]
        """The host does not believe this card. Whether it lost money is not ours to say."""
        self.show(screens.notice(teller.settings.language, "rejected", "forged"), "refused")

    def show_unknown(self, teller) -> None:  # type: ignore[no-untyped-def]
        """Nobody knows yet."""
        self.show(screens.notice(teller.settings.language, "unknown", teller.reason), "unknown")

    def show_out(self, teller) -> None:  # type: ignore[no-untyped-def]
        """No sale possible now."""
        self.show(screens.notice(teller.settings.language, "out", teller.reason))
