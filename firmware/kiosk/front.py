"""What the customer sees and hears: the session's show_ actions on screen, lights and buzzer."""

import asyncio

from kiosk import screens

STRIP_PAUSE_MS = 5


class Front:
    """painter.show(lines) and strips(lines), signals.play(outcome) and dark(); methods take the teller for
    what they show.
    """

    def __init__(self, painter, signals) -> None:  # type: ignore[no-untyped-def]
        self._painter, self._signals = painter, signals
        self._playing: asyncio.Task = None
        self._drawing: asyncio.Task = None

    def _show(self, lines: tuple) -> None:
        if self._drawing is not None:
            self._drawing.cancel()
            self._drawing = None
        self._painter.show(lines)

    async def _draw_meanwhile(self, lines: tuple) -> None:
        for _ in self._painter.strips(lines):
            await asyncio.sleep_ms(STRIP_PAUSE_MS)

    def show_idle(self, teller) -> None:  # type: ignore[no-untyped-def]
        """Price and whether the host answers."""
        self._signals.dark()
        price_fen, resting = teller.settings.config["price_fen"], teller.presence.resting
        self._show(screens.idle(teller.settings.language, price_fen, teller.link.online, resting))

    def show_reading(self, teller) -> None:  # type: ignore[no-untyped-def]
        """Hold still. Drawn while the reader works, so that the card does not wait for the screen."""
        self._signals.dark()
        self._draw_reading(teller, "reading")

    def show_collecting(self, teller) -> None:  # type: ignore[no-untyped-def]
        """Hold still: the host talks to the card."""
        self._draw_reading(teller, "collecting")

    def _draw_reading(self, teller, what: str) -> None:  # type: ignore[no-untyped-def]
        if self._drawing is not None:
            self._drawing.cancel()
        lines = screens.reading(teller.settings.language, teller.settings.config["price_fen"], what)
        self._drawing = asyncio.create_task(self._draw_meanwhile(lines))

    def show_paid(self, teller) -> None:  # type: ignore[no-untyped-def]
        """Amount taken and balance after; in other words when it was taken at an earlier tap."""
        amount_fen, balance_fen = teller.sale["amount_fen"], teller.sale["value_fen"]
        language, collected_fen = teller.settings.language, teller.collected_fen
        before_fen = None if teller.already else balance_fen + amount_fen
        lines = screens.paid(language, amount_fen, before_fen, balance_fen, teller.already, collected_fen)
        self._outcome("paid", lines)

    def show_refused(self, teller) -> None:  # type: ignore[no-untyped-def]
        """Nothing taken, and why."""
        language, shown_fen = teller.settings.language, teller.shown_fen
        lines = screens.notice(language, "not_charged", teller.reason, shown_fen, teller.collected_fen)
        self._outcome("refused", lines)

    def show_rejected(self, teller) -> None:  # type: ignore[no-untyped-def]
        """The host does not believe this card. Whether it lost money is not ours to say."""
        self._outcome("refused", screens.notice(teller.settings.language, "rejected", "forged"))

    def show_unknown(self, teller) -> None:  # type: ignore[no-untyped-def]
        """Nobody knows yet."""
        self._outcome("unknown", screens.notice(teller.settings.language, "unknown", teller.reason))

    def show_out(self, teller) -> None:  # type: ignore[no-untyped-def]
        """No sale possible now."""
        self._signals.dark()
        self._show(screens.notice(teller.settings.language, "out", teller.reason))

    def _outcome(self, kind: str, lines: tuple) -> None:
        self._show(lines)
        if self._playing is not None:
            self._playing.cancel()  # two patterns on one buzzer would be a third
        self._playing = asyncio.create_task(self._signals.play(kind))
