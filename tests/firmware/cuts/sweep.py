"""Run by MicroPython: sweep.py every PART PARTS, or sweep.py twice SEED COUNT.

every: a day, the power cut at each of its flash operations in four ways. twice: cuts at drawn moments of the
day, and again while the kiosk works on after them. Prints how many; a fault names its cut and its seed.
"""

import sys

import life
import rules
from chip import WAYS, Chip, Cutter, PowerCut
from day import day

SEEDS = 0x7FFFFFFF
SECOND_MAX = 14  # operations after the first cut; most lives have more


class Log:
    """What happened in a day, in order: operations (label, at, new) and promises (None, name, values)."""

    def __init__(self):
        self.events = []
        self.operations = 0

    def operation(self, label, at, new):
        self.operations += 1
        self.events.append((label, at, new))

    def promise(self, name, *values):
        self.events.append((None, name, values))


def recorded():
    """-> (log, the chip as it was before)"""
    log, before = Log(), life.flashed()
    memory = {label: bytes(data) for label, data in before.memory.items()}
    Chip.now.happens = log.operation
    kiosk = life.Kiosk(log.promise)
    day(kiosk)
    kiosk.off()
    return log, Chip(memory)


def states(log, replay):
    """Yield (number of the operation, label, at, new, promises until then); replay is the chip before it."""
    promises, number = rules.Promises(), 0
    for label, at, new in log.events:
        if label is None:
            promises(at, *new)
            continue
        number += 1
        yield number, label, at, new, promises
        replay.apply(label, at, new)


def failed(where, error):
    print("power cut", *where)
    raise error


def every(part, parts):
    log, replay = recorded()
    cuts = 0
    for number, label, at, new, promises in states(log, replay):
        if number % parts != part:
            continue
        for way in WAYS:
            try:
                rules.after(replay.after(label, at, new, way, number), promises)
            except Exception as error:
                failed(("at operation", number, "of", log.operations, way, label, at), error)
            cuts += 1
    print("operations %d cuts %d" % (log.operations, cuts))


class Draw:
    """A linear congruential generator; the firmware's own `random` stays untouched."""

    def __init__(self, seed):
        self.seed = seed

    def below(self, limit):
        self.seed = (self.seed * 1103515245 + 12345) & SEEDS
        return (self.seed >> 8) % limit


def twice(seed, count):
    log, replay = recorded()
    draw, cuts = Draw(seed), 0
    for number, label, at, new, promises in states(log, replay):
        share = count * number // log.operations  # until here
        while cuts < share:
            start = draw.seed
            try:
                cuts += again(draw, replay, (label, at, new), promises)
            except Exception as error:
                failed(("at operation", number, "and again: seed", start), error)
    print("operations %d double cuts %d" % (log.operations, cuts))


def again(draw, replay, operation, promises):
    """A cut at this operation, and a second one of what the kiosk does then -> 1, 0 when it came too late."""
    memory = replay.after(*operation, WAYS[draw.below(4)], draw.below(SEEDS))
    promises = rules.Promises(promises)
    cutter = Cutter(1 + draw.below(SECOND_MAX), WAYS[draw.below(4)], draw.below(SEEDS))
    try:
        rules.after(memory, promises, cutter)
    except PowerCut:
        rules.after(cutter.memory, promises)
        return 1
    return 0


if sys.argv[1] == "every":
    every(int(sys.argv[2]), int(sys.argv[3]))
else:
    twice(int(sys.argv[2]), int(sys.argv[3]))
