"""Which card people mean who name one by its number or its UID: one, or none."""

from host.cards import registry
from host.cards.registry import Card, RegistryError
from host.db.connection import Connection


def named(connection: Connection, text: str) -> Card:
    """A card in its present life, by its number or the hex of its UID.

    RegistryError for no card, for the number of a life that is over, since another customer may have the card
    by now, and for a number that is another card's UID: whoever can choose a UID would get what is another's.
    """
    try:
        of_uid = registry.newest(connection, bytes.fromhex(text))
    except ValueError:
        of_uid = None
    of_number = registry.numbered(connection, text)
    found = of_number or of_uid
    if found is None:
        raise RegistryError("unknown-card", f"There is no card “{text[:40]}” in the books.")
    if of_uid is not None and found.uid != of_uid.uid:
        sentence = f"{text[:40]} is one card's number and another's UID: put the card on a reader."
        raise RegistryError("ambiguous", sentence)
    present = registry.newest(connection, found.uid)
    assert present is not None
    if present.issue != found.issue:
        sentence = f"{text[:40]} was the number of card {present.uid_hex} once; it is {present.number} now."
        raise RegistryError("former-number", sentence)
    return present
