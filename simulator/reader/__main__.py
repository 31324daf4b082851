"""`python -m simulator.reader`: a PN532 with cards on a serial line, or a card for vpcd, for anybody's CI.

Prints the line's path, or vpcd's port, and serves until it is told to stop (Ctrl-C, SIGTERM).
"""

import argparse
import json
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from simulator.card import ClassicCard, ContactlessCard, DesfireCard, FelicaCard, Ntag424Card, card_from_state
from simulator.card.models import EV1
from simulator.card.state import CardState
from simulator.reader import Field, Pn532, PtyReader, VpcdSlot


def desfire_ev1(uid: bytes) -> DesfireCard:
    """A blank DESFire EV1."""
    return DesfireCard(uid, state=CardState.factory(uid, EV1))


KINDS: Final[dict[str, tuple[Callable[[bytes], ContactlessCard], str]]] = {
    "desfire": (DesfireCard, "04112233445566"),
    "desfire-ev1": (desfire_ev1, "04112233445566"),
    "ntag424": (Ntag424Card, "04AABBCCDDEE80"),
    "classic": (ClassicCard, "01020304"),
    "felica": (FelicaCard, "0123456789ABCDEF"),
}


def card_of(word: str) -> ContactlessCard:
    """KIND or KIND:UID -> a card as from the factory; FILE.json -> the card that dump() wrote there.

    Raises ValueError with a sentence.
    """
    if word.endswith(".json"):
        try:
            return card_from_state(json.loads(Path(word).read_text(encoding="utf-8")))
        except OSError as error:
            raise ValueError(str(error)) from None
    kind, _, uid = word.partition(":")
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of card: use one of {', '.join(KINDS)}")
    make, usual = KINDS[kind]
    return make(bytes.fromhex(uid or usual))


def main(arguments: list[str] | None = None) -> int:
    """The process exit code: 2 for a card that cannot be, 1 where vpcd is not there."""
    parser = argparse.ArgumentParser(prog="python -m simulator.reader", description=__doc__)
    parser.add_argument(
        "--card",
        action="append",
        default=[],
        metavar="KIND[:UID]|FILE",
        help=f"a card in the field, at most two: {', '.join(KINDS)}, or a .json file, which is only read",
    )
    parser.add_argument(
        "--vpcd",
        type=int,
        metavar="PORT",
        help="no PN532: bring the first card to vpcd there (usually 35963)",
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
    try:
        with PtyReader(Pn532(field)) if given.vpcd is None else VpcdSlot(field, given.vpcd) as reader:
            print(reader.path if isinstance(reader, PtyReader) else f"vpcd {given.vpcd}", flush=True)
            stopped.wait()
    except ConnectionError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
