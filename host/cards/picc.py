"""The card's own level: whose is its master key, and how the card becomes ours with room for our application.

A blank card's master key is 2K3DES zeros, and its settings let anybody create and delete (0F). Ours is an AES
key of the card's own, and without it nothing is created, deleted, listed or formatted. A card is taken over
in one session of DES messaging (create, settings, key: in this order, so that a card with our key has our
application), then proves the key, and is later known by it. All are procedures (see protocol.card.apdu).
"""

import secrets
from collections.abc import Generator, Sequence
from typing import TypeVar

from host.cards import des
from host.cards.card_keys import CardKeys
from host.cards.registry import Card
from host.cards.terms import FACTORY_KEY, NotPersonalisable, Procedure
from protocol.card import apdu, commands, ev2, layout, purse, status
from protocol.card.apdu import CardError

S = TypeVar("S")
SETTINGS = 0x09  # under the master key: it and these settings may be changed; nothing is free without it
NONE, UNFINISHED = -1, 0  # instead of the issue number of a finished application


def look(card: Card, keys: CardKeys, former: Sequence[CardKeys]) -> Generator[bytes, bytes, int]:
    """Procedure: what our application on the card is: NONE, UNFINISHED (its master key is not ours, so no
    money can be on it), or the issue number it was finished with. CardError, NotPersonalisable."""
    try:
        yield from apdu.select(layout.AID)
    except CardError as error:
        if error.status != status.APPLICATION_NOT_FOUND:
            raise
        return NONE
    for master in dict.fromkeys(each.master for each in (keys, *former)):
        session = yield from _try(ev2.authenticate(layout.KEY_MASTER, master, secrets.token_bytes(16)))
        if session is None:
            continue
        data = yield from purse.read_file(session, layout.FILE_DATA, layout.DATA_SIZE)
        issue = layout.card_issue(data)
        if issue is None or issue > card.issue:
            raise NotPersonalisable(
                f"Card {card.uid_hex} says that it is in issue {issue}, the books know {card.issue}: were "
                "they restored from a backup? Keep the card and have a person look at it."
            )
        return issue
    return UNFINISHED


def make_room(card: Card, keys: CardKeys, former: Sequence[CardKeys], found: int) -> Procedure:
    """Procedure: the card's own key ours, and on it our application, empty, with factory keys.

    found: what look() said; what there is of our application is wiped. CardError, NotPersonalisable.
    """
    ours = list(dict.fromkeys(each.picc for each in (keys, *former)))
    yield from apdu.select(commands.PICC)
    for key in (None, *ours) if found == NONE else (*ours, None):
        if key is None:
            factory = yield from _try(des.authenticate(0, FACTORY_KEY, secrets.token_bytes(des.BLOCK)))
            if factory is not None:
                yield from _take_over(card, keys, factory)
                return
        else:
            session = yield from _try(ev2.authenticate(0, key, secrets.token_bytes(16)))
            if session is not None:
                yield from _begin_again(keys, session, key, found)
                return
    raise NotPersonalisable(
        f"The master key of card {card.uid_hex} is neither the factory's nor ours: it belongs to another "
        "installation, or somebody prepared it. Take another one."
    )


def _take_over(card: Card, keys: CardKeys, session: des.Session) -> Procedure:
    version = commands.Version((yield from session.exchange(commands.GET_VERSION)))
    if not version.is_desfire_ev2 or version.uid != card.uid:
        raise NotPersonalisable(
            f"Card {card.uid_hex} is no MIFARE DESFire EV2 or EV3 with a UID of its own: take another kind."
        )
    listed = yield from session.exchange(commands.GET_APPLICATION_IDS)
    there = [listed[at : at + 3] for at in range(0, len(listed), 3)]
    if set(there) - {layout.AID}:
        raise NotPersonalisable(
            f"Card {card.uid_hex} holds {len(there)} applications of others: take a blank one."
        )
    if there:
        yield from _wiped(session.exchange(commands.FORMAT))
        session = yield from des.authenticate(0, FACTORY_KEY, secrets.token_bytes(des.BLOCK))
    body = layout.AID + bytes([layout.KEY_SETTINGS, commands.AES_KEYS | layout.KEY_COUNT])
    yield from session.exchange(commands.CREATE_APPLICATION, body)
    yield from session.exchange_encrypted(commands.CHANGE_KEY_SETTINGS, b"", bytes([SETTINGS]))
    yield from des.change_own_key(session, commands.AES_PICC_KEY, keys.picc, keys.versions["picc"])
    yield from _proven(keys)


def _begin_again(keys: CardKeys, session: ev2.Session, key: bytes, found: int) -> Procedure:
    if found != NONE:
        yield from _wiped(commands.send(session, commands.FORMAT))
        session = yield from ev2.authenticate(0, key, secrets.token_bytes(16))
    yield from commands.create_application(session, layout.AID, layout.KEY_SETTINGS, layout.KEY_COUNT)
    if key != keys.picc:
        number, version = commands.AES_PICC_KEY, keys.versions["picc"]
        yield from commands.change_key(session, number, keys.picc, version)
        yield from _proven(keys)


def _proven(keys: CardKeys) -> Procedure:
    """The answer to a change of the session's own key bears no MAC: anybody may have given it. CardError."""
    yield from ev2.authenticate(0, keys.picc, secrets.token_bytes(16))


def _wiped(formatting: Generator[bytes, bytes, bytes]) -> Procedure:
    try:
        yield from formatting
    except CardError as error:
        if error.status != status.PERMISSION_DENIED:
            raise
        raise NotPersonalisable(
            "Somebody prepared this card so that it cannot be formatted: take another one."
        ) from None


def _try(authentication: Generator[bytes, bytes, S]) -> Generator[bytes, bytes, S | None]:
    """Procedure: its session, or None for a key that the card refuses."""
    try:
        return (yield from authentication)
    except CardError as error:
        if error.status not in (status.AUTHENTICATION_ERROR, status.NO_SUCH_KEY, status.ILLEGAL_COMMAND):
            raise
        return None
