"""Makes the corpus anew: `python -m tests.fuzz.corpus`.

Messages made from the table and changed by a seeded generator; of all that, only what reaches a branch that
nothing smaller reached.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

from protocol.wire import cbor, messages
from protocol.wire.messages import MESSAGES
from tests.fuzz import card, reader_targets
from tests.fuzz.targets import TARGETS

FOLDER = Path(__file__).with_name("corpus")
FILES_MAX = 60  # of one target
TRIES = 6000
WATCHED = (
    "protocol/wire/",
    "host/terminals/intake/opening.py",
    "host/terminals/intake/pattern.py",
    "simulator/card/frames.py",
    "simulator/card/messaging/",
    "simulator/card/commands/",
    "simulator/reader/",
    "simulator/card/iso14443.py",
    "firmware/drivers/pn532.py",
)
VALUES: tuple[Any, ...] = (
    0,
    23,
    24,
    255,
    65_536,
    1 << 32,
    -1,
    b"",
    b"4567890",
    "x",
    "水",
    [],
    [1, 2],
    {},
    {1: 2},
)


def sample(what: str, size: int) -> Any:
    """A value of a field's kind whose number, length or item count is `size`."""
    many = min(size, 2)
    made = {
        "bytes": lambda: bytes(size),
        "text": lambda: "x" * size,
        "ranges": lambda: [[3 * n + 1, 3 * n + 2] for n in range(many)],
        "verdicts": lambda: [[n + 1, 0, -5] for n in range(many)],
        "uids": lambda: [bytes([4, n, 0, 4]) for n in range(many)],
        "span": lambda: [60 * (n + 1) for n in range(size)],
        "spans": lambda: [[60 * n, 60 * n + 30] for n in range(many)],
        "prices": lambda: [[f"{n}", n + 1] for n in range(many)],
        "frames": lambda: [bytes([0x91, n]) for n in range(many)],
        "records": lambda: [[n + 1, kind, filled(kind, 4)] for n, kind in enumerate(messages.REPORTS)],
    }
    return made[what]() if what in made else size


def filled(kind: int, at: int = 4) -> dict[int, Any]:
    """A good body with all its fields at their lowest (4) or highest (5) limit."""
    return {row[0]: sample(row[2], row[at]) for row in MESSAGES[kind][2]}


def seeds(target: str) -> Iterator[bytes]:
    """What a mutation starts from."""
    if target == "card":
        yield from card.seeds()
        return
    if target in reader_targets.TARGETS:
        yield from reader_targets.seeds(target)
        return
    for kind, (_name, direction, rows) in MESSAGES.items():
        bodies = [filled(kind), filled(kind, 5)]
        bodies += [{key: value for key, value in bodies[0].items() if key != row[0]} for row in rows]
        bodies += [{**bodies[0], row[0]: value} for row in rows for value in VALUES]
        for body in bodies:
            if target == "check":
                yield bytes([list(MESSAGES).index(kind)]) + cbor.encode(body)
            elif target == "decode":
                yield cbor.encode(body)
            else:
                yield cbor.encode([1, direction, "K1", 1, 7, kind, body])
    if target == "decode":
        for value in VALUES:
            yield cbor.encode([value, {1: value}])


def mutations(data: bytes, rng: Random) -> bytes:
    """One to four changes: a bit, a byte, a cut, a piece put in or doubled."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(changed) + 1)
        way = rng.randrange(5)
        if way == 0 and at < len(changed):
            changed[at] ^= 1 << rng.randrange(8)
        elif way == 1 and at < len(changed):
            changed[at] = rng.choice((0, 0x17, 0x18, 0x1B, 0x5F, 0x80, 0x9F, 0xA0, 0xFF, rng.randrange(256)))
        elif way == 2:
            del changed[at : at + rng.randint(1, 4)]
        elif way == 3:
            changed[at:at] = rng.randbytes(rng.randint(1, 3))
        else:
            changed[at:at] = changed[at : at + rng.randint(1, 8)]
    return bytes(changed)


def reached(target: Callable[[bytes], None], data: bytes) -> set[tuple[str, int, int]]:
    """The (file, line before, line) that a run of the target goes through."""
    found: set[tuple[str, int, int]] = set()

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        name = frame.f_code.co_filename
        if not any(part in name for part in WATCHED):
            return None
        last = 0

        def line(frame: FrameType, event: str, _argument: object) -> Any:
            nonlocal last
            found.add((name, last, frame.f_lineno))
            last = frame.f_lineno
            return line

        return line

    sys.settrace(trace)
    try:
        target(data)
    finally:
        sys.settrace(None)
    return found


def made(name: str, seed: int = 1) -> list[bytes]:
    """The corpus of one target: few inputs that together reach all that was reached, most fruitful first."""
    rng, target = Random(seed), TARGETS[name]
    pool = list(dict.fromkeys(seeds(name)))
    pool += [mutations(rng.choice(pool), rng) for _ in range(TRIES)]
    left = {data: reached(target, data) for data in sorted(set(pool), key=lambda data: (len(data), data))}
    kept: list[bytes] = []
    while len(kept) < FILES_MAX:
        best = max(left, key=lambda data: len(left[data]))
        new = left.pop(best)
        if not new:
            break
        kept.append(best)
        for others in left.values():
            others -= new
    return kept


def main() -> None:
    """Write every target's corpus."""
    for name in TARGETS:
        folder = FOLDER / name
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            if old.name.startswith("seeded-"):
                old.unlink()
        found = made(name)
        for number, data in enumerate(found, 1):
            (folder / f"seeded-{number:02}").write_bytes(data)
        print(f"{name}: {len(found)} files, {sum(map(len, found))} bytes")


if __name__ == "__main__":
    main()
