"""The task ui: one outcome's pattern at a time, strips that give way, keys that are kept until taken."""

MICROPYTHON_ONLY = True

import asyncio

from drivers.signals import Signals, pattern
from kiosk import front as front_module
from kiosk import shown
from kiosk.front import KEYS_MAX, Front

STRIPS = 6


class Part:
    """Painter, buzzer, pin, keypad and the teller's settings in one: notes what it is told."""

    language, reason, shown_fen, collected_fen, price_fen, label = "zh", "again", None, 0, 100, ""
    config = {"quiet": [], "glyphs": b"", "title": "", "mode": "fixed", "utc_offset_min": 0}
    turns, now_s = 1, 1_800_000_000  # 08:00 UTC

    def __init__(self):
        self.settings = self
        self.told, self.drawn, self.pressed = [], [], []

    lost, starts = False, 0

    def start(self):
        self.starts += 1
        if self.lost:
            raise OSError(19)

    def clock(self):
        return self.now_s

    def strips(self, lines, turn=0):
        self.last_turn = turn
        for strip in range(STRIPS):
            if self.lost:
                raise OSError(19)
            self.drawn.append((lines, strip))
            yield

    def scan(self):
        return self.pressed.pop(0) if self.pressed else ""

    def value(self, level):
        self.told.append(level)

    def freq(self, hertz):
        self.told.append(hertz)

    sounds = 0

    def duty_u16(self, duty):
        self.sounds += 1 if duty else 0
        if not duty:
            self.told.append(0)


def with_front(script):
    """Run script(front, part, buzzer, red) while the ui task runs."""

    async def run():
        part, buzzer, green, red = Part(), Part(), Part(), Part()
        front = part.front = Front(part, Signals(buzzer, green, red), part)
        task = asyncio.create_task(front.run())
        while front.fault:
            await asyncio.sleep_ms(0)
        await script(front, part, buzzer, red)
        task.cancel()

    asyncio.run(run())


def tones(name):
    """[[Hz, ms], ...] of a pattern."""
    return [[int(word) for word in tone.split(":")] for tone in pattern(name)[1:]]


async def length_of(*names):
    for name in names:
        for _hertz, length_ms in tones(name):
            await asyncio.sleep_ms(length_ms)
    await asyncio.sleep_ms(20)


def test_the_next_outcome_silences_the_last_ones_pattern():
    for wait_ms in (0, 80, 100):

        async def script(front, part, buzzer, red, wait_ms=wait_ms):
            shown.show_unknown(part)
            await front.drawn()
            await asyncio.sleep_ms(wait_ms)
            shown.show_rejected(part)
            await front.drawn()
            begun = len(buzzer.told)
            await length_of("refused", "unknown")
            heard = buzzer.told[begun:]
            assert heard == [hertz for hertz, _ in tones("refused")] + [0], (wait_ms, heard)
            assert red.told[-1] == 1

        with_front(script)


def test_an_outcome_is_heard_once_it_can_be_read():
    async def script(front, part, buzzer, red):
        shown.show_refused(part)
        assert (part.drawn, red.told) == ([], [])  # whoever shows is not kept waiting
        await front.drawn()
        assert [strip for _, strip in part.drawn] == list(range(STRIPS)) and 1 not in red.told
        await length_of("refused")
        assert red.told[-1] == 1
        shown.show_idle(part)
        assert red.told[-1] == 0

    Part.presence = Part.link = Part
    Part.resting = Part.online = False
    with_front(script)


def test_what_is_drawn_gives_way_to_what_comes_next():
    async def script(front, part, buzzer, red):
        shown.show_reading(part)
        while len(part.drawn) < 2:
            await asyncio.sleep_ms(1)
        shown.show_out(part)
        await front.drawn()
        begun = [lines for lines, _ in part.drawn].index(part.drawn[-1][0])
        assert 2 <= begun < STRIPS and len(part.drawn) == begun + STRIPS
        await asyncio.sleep_ms(50)
        assert len(part.drawn) == begun + STRIPS

    with_front(script)


def test_keys_wait_to_be_taken_in_their_order_and_are_bounded():
    async def script(front, part, buzzer, red):
        part.pressed = [str(n % 10) for n in range(KEYS_MAX + 2)]
        while part.pressed:
            await asyncio.sleep_ms(1)
        assert "".join([front.key() for _ in range(KEYS_MAX)]) == "01234567"
        assert front.key() == ""

    with_front(script)


def test_a_key_clicks_and_quiet_hours_leave_the_lights():
    async def script(front, part, buzzer, red):
        part.pressed = ["7"]
        await length_of("key")
        assert buzzer.told == [tones("key")[0][0], 0]
        for quiet in ([479, 481], [1000, 481]):  # 8:00 is minute 480; the second one wraps over midnight
            part.config = dict(Part.config, quiet=quiet)
            shown.show_reading(part)
            shown.show_refused(part)
            await front.drawn()
            sounds, buzzer.sounds = buzzer.sounds, 0
            await length_of("refused")
            assert buzzer.sounds == 0 and red.told[-1] == 1, (quiet, sounds)
        part.config = dict(Part.config, quiet=[481, 479])
        shown.show_reading(part)
        shown.show_refused(part)
        await front.drawn()
        await length_of("refused")
        assert buzzer.sounds == 2

    with_front(script)


def test_what_has_no_room_comes_in_turns():
    async def script(front, part, buzzer, red):
        shown.show_refused(part)
        await front.drawn()
        assert part.last_turn == 0
        part.turns = 2
        await asyncio.sleep_ms(2 * front_module.TURN_MS + 200)
        assert part.last_turn >= 2
        lit = red.told.count(1)
        shown.show_out(part)
        await front.drawn()
        assert (part.last_turn, red.told.count(1)) == (0, lit), (part.last_turn, red.told, lit)

    front_module.TURN_MS = 100
    with_front(script)


def test_a_key_that_somebody_else_is_to_have_comes_next():
    front = Front(Part(), None)
    front.keys = "12"
    front.keys = "9" + front.keys
    assert front.key() + front.key() + front.key() + front.key() == "912"


def test_a_display_that_is_lost_keeps_nobody_waiting_and_is_told_by_light_and_sound():
    async def script(front, part, buzzer, red):
        part.lost = True
        shown.show_out(part)
        await front.drawn()
        await asyncio.sleep_ms(1)
        assert "19" in front.fault and red.told[-1] == 1 and not part.drawn
        await length_of("unknown")
        assert buzzer.sounds == 3
        shown.show_out(part)
        await front.drawn()
        assert red.told[-1] == 1  # lit for as long as there is nothing to read
        part.lost = False
        while front.fault:
            await asyncio.sleep_ms(1)
        await front.drawn()
        assert [strip for _, strip in part.drawn] == list(range(STRIPS)) and part.starts > 2
        shown.show_out(part)
        assert red.told[-1] == 0

    front_module.AGAIN_MS = 5
    with_front(script)


def test_a_display_that_never_was_there_is_looked_for_and_said_once():
    said = []

    async def run():
        part = Part()
        part.lost = True
        front = Front(part, Signals(Part(), Part(), Part()))
        task = asyncio.create_task(front.run())
        while part.starts < 5:
            await asyncio.sleep_ms(1)
        task.cancel()
        assert front.fault and len(said) == 1, said

    front_module.AGAIN_MS, front_module.print = 1, said.append
    asyncio.run(run())
