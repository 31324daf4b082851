"""Run by MicroPython: sweep.py PART PARTS SEED TWICE.

A day, the power cut at each of its flash operations in four ways, and TWICE cuts at drawn moments of what the
kiosk does after those. PARTS processes share the day's operations. Prints how many; a fault names its cut.
"""

import sys

import life
import rules
from chip import WAYS, Chip, digest
from day import day

SEEDS = 0x7FFFFFFF
SECOND_MAX = 14  # operations after the first cut; most lives have more


class Log:
    """What happened in a day, in order: operations (None, how) and promises (name, values)."""

    def __init__(self):
        self.events = []
        self.operations = 0

    def operation(self, *how):
        self.operations += 1
        self.events.append((None, how))

    def promise(self, name, *values):
        self.events.append((name, values))


class Again(Log):
    """What the kiosk does after a cut; of its operations the states that drawn cuts leave: (None, (which of
    the drawn, state))."""

    def __init__(self, drawn):
        super().__init__()
        self._drawn = drawn  # [(number of the operation, way, seed)]

    def operation(self, *how):
        self.operations += 1
        for which, (number, way, seed) in enumerate(self._drawn):
            if number == self.operations:
                self.events.append((None, (which, Chip.now.after(*how, way, seed))))


class Draw:
    """A linear congruential generator; the firmware's own `random` stays untouched."""

    def __init__(self, seed):
        self.seed = seed

    def below(self, limit):
        self.seed = (self.seed * 1103515245 + 12345) & SEEDS
        return (self.seed >> 8) % limit

    def cut(self):
        """(number of the operation, way, seed) of a second cut."""
        return 1 + self.below(SECOND_MAX), WAYS[self.below(4)], self.below(SEEDS)


def recorded():
    """-> (log, the chip as it was before)"""
    log, before = Log(), Chip(life.flashed().state)
    Chip.now.happens = log.operation
    kiosk = life.Kiosk(log.promise)
    day(kiosk)
    kiosk.off()
    return log, before


def moments(log, promises):
    """Yield the values of each operation of a log; promises is kept at what was promised until then."""
    for name, values in log.events:
        if name:
            promises(name, *values)
        else:
            yield values


class Sweep:
    """Counts the cuts it has looked at. Files that a second cut left as an earlier one did, and were promised
    the same, are not looked at again: journal and files know nothing of each other."""

    def __init__(self, seed):
        self.cuts = self.twice = 0
        self._draw, self._seen = Draw(seed), set()

    def cut(self, where, state, promises, count):
        """The kiosk starts from this state; `count` times the power goes again meanwhile."""
        drawn, second = [self._draw.cut() for _ in range(count)], ()
        again = Again(drawn)
        try:
            rules.after(state, promises, again)
            self.cuts += 1
            promises = rules.Promises(promises)
            for which, state in moments(again, promises):
                second = "and again", drawn[which]
                rules.after(state, promises, files=self._is_new(state["vfs"], promises))
                self.twice += 1
        except Exception:
            print("power cut", *where + second)
            raise

    def _is_new(self, blocks, promises):
        known = digest(blocks), promises.of_files()
        if known in self._seen:
            return False
        self._seen.add(known)
        return True


def sweep(part, parts, seed, twice):
    log, replay = recorded()
    promises, done = rules.Promises(), Sweep(seed)
    total = len(WAYS) * len(range(part or parts, log.operations + 1, parts))
    for number, how in enumerate(moments(log, promises), 1):
        if number % parts == part:
            for way in WAYS:
                share = twice * (done.cuts + 1) // total  # until here
                where = "at operation", number, "of", log.operations, way
                done.cut(where, replay.after(*how, way, number), promises, share - done.twice)
        replay.apply(*how)
    print("operations %d cuts %d double cuts %d" % (log.operations, done.cuts, done.twice))


sweep(*[int(word) for word in sys.argv[1:]])
