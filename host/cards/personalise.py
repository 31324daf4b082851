"""Turning a blank card, or one that was given back, into one of ours, as procedures (see protocol.card.apdu).

The application's master key is changed last, and each step before it is acknowledged under MAC before the
next is sent: an application whose master key is ours is whole, and any other holds no money and is wiped. So
a card that was pulled at any command is made anew by running this again.
"""

import secrets
from collections.abc import Sequence

from host.cards import picc
from host.cards.card_keys import CardKeys
from host.cards.files import CREATE_TMAC, FILES
from host.cards.registry import Card
from host.cards.terms import FACTORY_KEY, NotPersonalisable, Procedure
from protocol.card import apdu, commands, ev2, layout
from protocol.card.apdu import CardError

WRITE_DATA = 0x8D


def personalise(card: Card, keys: CardKeys, former: Sequence[CardKeys] = ()) -> Procedure:
    """Procedure: all that makes a card ours; nothing when that is done. Whether it then is ours, inspection
    says. former: keys of other generations that the card may hold. CardError, NotPersonalisable.
    """
    found = yield from picc.look(card, keys, former)
    if found == card.issue:
        return
    yield from picc.make_room(card, keys, former, found)
    yield from apdu.select(layout.AID)
    try:
        session = yield from ev2.authenticate(layout.KEY_MASTER, FACTORY_KEY, secrets.token_bytes(16))
    except CardError as error:
        if error.status != apdu.AUTHENTICATION_ERROR:
            raise
        raise NotPersonalisable(
            f"New keys on card {card.uid_hex} are not the factory's: somebody prepared it. Take another one."
        ) from None
    for role, number in layout.KEYS.items():
        new, version = getattr(keys, role), keys.versions[role]
        if number != layout.KEY_MASTER:
            yield from commands.change_key(session, number, new, version, FACTORY_KEY)
    yield from _create_files(session, keys)
    data = layout.card_data(keys.data, card.uid, card.issue, card.number)
    header = bytes([layout.FILE_DATA]) + bytes(3) + len(data).to_bytes(3, "little")
    yield from session.exchange(WRITE_DATA, header, data)
    yield from commands.change_key(session, layout.KEY_MASTER, keys.master, keys.versions["master"])


def _create_files(session: ev2.Session, keys: CardKeys) -> Procedure:
    for file in FILES:
        if file.create == CREATE_TMAC:
            secret = keys.tmac + bytes([keys.versions["tmac"]])
            yield from session.exchange(file.create, file.header, secret, layout.COMM_FULL, layout.COMM_MAC)
        else:
            yield from session.exchange(file.create, file.header)
