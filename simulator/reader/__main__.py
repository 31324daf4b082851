"""`python -m simulator.reader`: a PN532 with cards on a serial line, for programs of anybody's CI.

Prints the line's path, and serves it until it is told to stop (Ctrl-C, SIGTERM).
"""

import argparse
import signal
import sys
import threading
from collections.abc import Callable
from typing import Final

from simulator.card import ClassicCard, ContactlessCard, DesfireCard, FelicaCard, Ntag424Card
from simulator.reader import Field, Pn532, PtyReader

KINDS: Final[dict[str, tuple[Callable[[bytes], ContactlessCard], str]]] = {
    "desfire": (DesfireCard, "04112233445566"),
    "ntag424": (Ntag424Card, "04AABBCCDDEE80"),
    "classic": (ClassicCard, "01020304"),
    "felica": (FelicaCard, "0123456789ABCDEF"),
}


def card_of(word: str) -> ContactlessCard:
    """KIND or KIND:UID -> a card as from the factory. Raises ValueError with a sentence."""
    kind, _, uid = word.partition(":")
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of card: use one of {', '.join(KINDS)}")
    make, usual = KINDS[kind]
    return make(bytes.fromhex(uid or usual))


def main(arguments: list[str] | None = None) -> int:
    """The process exit code: 2 for a card that cannot be."""
    parser = argparse.ArgumentParser(prog="python -m simulator.reader", description=__doc__)
    parser.add_argument(
        "--card",
        action="append",
        default=[],
        metavar="KIND[:UID]",
        help=f"a card in the field, at most two: {', '.join(KINDS)}",
    )
    given = parser.parse_args(arguments)
    field = Field()
    try:
        for word in given.card:
            field.place(card_of(word))
    except ValueError as error:
        print(f"--card: {error}", file=sys.stderr)
        return 2
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with PtyReader(Pn532(field)) as reader:
        print(reader.path, flush=True)
        stopped.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
