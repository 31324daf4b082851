"""The states of a card and where each may lead, in one table; docs/cards.md shows it, a test compares them.

A blank card is stock and has no life in the books yet (see stock.py): its states are rows about a batch. From
`pending` on they are rows about one life of one card, each with who and when.
"""

from typing import NamedTuple


class State(NamedTuple):
    """next: the states that may follow. again: may a new life of this card begin? what: its meaning."""

    next: tuple[str, ...]
    again: bool
    what: str


STATES = {
    "blank": State(("issued", "void"), False, "in stock, unused"),
    "issued": State(("blank", "used", "void"), False, "handed out to a desk, unused"),
    "used": State((), False, "taken from stock: its life in the books has begun"),
    "pending": State(("active", "void"), False, "being made: keys and files may or may not be on it"),
    "active": State(("lost", "returned", "void"), False, "with its holder; kiosks take it"),
    "lost": State(("replaced", "void"), False, "reported lost, on the hotlist"),
    "replaced": State((), False, "lost, and another card has taken its value over"),
    "returned": State((), True, "given back and paid out"),
    "void": State((), True, "ended; of a blank card: scrapped"),
}
STOCK = ("blank", "issued", "used", "void")


def may(state: str, following: str) -> bool:
    """Does the one lead to the other?"""
    return following in STATES[state].next


def may_begin_again(state: str) -> bool:
    """May a card whose last life ended so be personalised anew?"""
    return STATES[state].again
