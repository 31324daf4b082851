"""What the customer sees, hears and presses: the task ui, which alone has screen, lights, buzzer and keys.

Who has something to show (kiosk/shown.py) only says what is to be seen. It is drawn strip by strip, gives way
to what comes next, and an outcome lights up and sounds once it can be read.
"""

import asyncio

from hal import duty, ticks

LOOK_MS = 10
TURN_MS = 2500  # between the turns of a screen that has more to say than room
KEYS_MAX = 8  # pressed and not yet taken
AGAIN_MS = 2000  # between tries to find a display that is missing


class Front:
    """painter.start() and strips(items, turn), signals.play(outcome, muted) and light(), keypad.scan() -> the
    key that went down or ''.
    """

    def __init__(self, painter, signals, keypad=None) -> None:  # type: ignore[no-untyped-def]
        self._painter, self._signals, self.keypad = painter, signals, keypad
        self._items: tuple = ()  # of the screen that is there, or will be
        self._turn, self._turned = 0, ticks.now()  # what has no room on it comes in turns
        self._fresh = False  # it is to be drawn
        self._pause_ms, self._outcome = 0, ""
        self._playing: asyncio.Task = None
        self.keys = ""  # pressed and not yet taken
        self._muted = False
        self.fault = "not started"  # of the display, '' while it works: nobody pays without seeing how much
        self._dressed: dict | None = None

    async def run(self) -> None:
        """For ever."""
        while True:
            duty.check_in("ui")
            try:
                if self.fault:
                    self._painter.start()
                    self.fault, self._fresh = "", bool(self._items)
                await self._look()
            except OSError as error:  # the display does not answer: say so with what is left
                if self.fault != str(error):
                    self.fault = str(error)
                    print("display: %s" % error)
                    self._play("unknown")
                duty.rouse("nfc")  # nobody waits for it
                await asyncio.sleep_ms(AGAIN_MS)

    async def _look(self) -> None:
        if self._fresh:
            await self._draw(self._items)
        else:
            await asyncio.sleep_ms(LOOK_MS)
            more = self._painter.turns > 1 and ticks.since(self._turned) > TURN_MS
            if more and not self._fresh:  # nothing new came meanwhile
                self._turn, self._fresh = self._turn + 1, True
        self._scan()

    async def _draw(self, items: tuple) -> None:
        for _ in self._painter.strips(items, self._turn):
            await asyncio.sleep_ms(self._pause_ms)
            if self._items is not items:
                return
            self._scan()
        self._fresh, self._turned = False, ticks.now()
        duty.rouse("nfc")  # it is noted that the customer was told, then
        if self._outcome:
            self._play(self._outcome)
            self._outcome = ""

    def _play(self, pattern: str) -> None:
        if self._playing is not None:
            self._playing.cancel()  # two patterns on one buzzer would be a third
        self._playing = asyncio.create_task(self._signals.play(pattern, self._muted))

    def _scan(self) -> None:
        key = self.keypad.scan() if self.keypad is not None else ""
        if key and len(self.keys) < KEYS_MAX:
            self.keys += key
            self._play("key")

    def key(self) -> str:
        """The next key that was pressed, '' for none."""
        key, self.keys = self.keys[:1], self.keys[1:]
        return key

    def dress(self, config: dict, clock) -> None:  # type: ignore[no-untyped-def]
        """By this configuration from now on: its characters, its quiet hours."""
        self._muted = False
        if config["quiet"]:
            from kiosk.hours import quiet

            self._muted = quiet(config, clock())
        if config is not self._dressed:
            from kiosk.font import fonts_in

            self._dressed = config
            self._painter.more = fonts_in(config["glyphs"])

    async def drawn(self) -> None:
        """Until what was last to be shown can be read."""
        while self._fresh and not self.fault:
            await duty.nap("nfc", AGAIN_MS)

    def show(self, items: tuple, outcome: str = "", pause_ms: int = 0) -> None:
        """Have this screen drawn; outcome: what to light up and play then."""
        if not outcome and not self.fault:
            self._signals.light()
        self._items, self._outcome, self._pause_ms = items, outcome, pause_ms
        self._turn, self._fresh = 0, True
