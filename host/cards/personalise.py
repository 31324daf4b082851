"""Turning a factory card into one of ours, as procedures (see protocol.card.apdu).

The procedure looks at what is done already, so a card that was pulled half-way is finished by running it
again. The application's master key is changed last: until then it is the factory's, and whoever holds the
card can finish or spoil it, but no money is on it. The PICC master key stays as the factory left it.
"""

import secrets
from collections.abc import Generator
from dataclasses import dataclass

from host.cards.files import CREATE_TMAC, FILES, KEY_VERSION_SET
from host.cards.keeper import Keeper
from host.cards.registry import Card
from protocol.card import apdu, ev2, layout
from protocol.card.apdu import CardError
from protocol.card.masters import version_byte

Procedure = Generator[bytes, bytes, None]

ROLES = ("master", "read", "debit", "credit", "data")
PICC = b"\x00\x00\x00"
FACTORY_KEY = bytes(16)
CREATE_APPLICATION, CHANGE_KEY, GET_KEY_VERSION, GET_FILE_IDS = 0xCA, 0xC4, 0x64, 0x6F
WRITE_DATA = 0x8D


class NotPersonalisable(Exception):
    """The card holds something that is not ours to change; str() is a sentence."""


@dataclass(frozen=True)
class CardKeys:
    """All keys of one card in one life."""

    master: bytes
    read: bytes
    debit: bytes
    credit: bytes
    tmac: bytes
    data: bytes
    versions: dict[str, int]  # of each role's master

    def version_byte(self, role: str) -> int:
        """What the card is told to answer when it is asked which version its key has."""
        return version_byte(self.versions[role])

    def __repr__(self) -> str:
        return "<CardKeys>"


def card_keys(keeper: Keeper, card: Card) -> CardKeys:
    """Derive them."""
    roles = {role: keeper.card_key(role, card.uid, card.key_version) for role in ROLES}
    versions = {role: keeper.version(role, card.key_version) for role in ROLES}
    return CardKeys(
        tmac=keeper.tmac_key(card.uid, card.issue, card.life_key_version), versions=versions, **roles
    )


def personalise(card: Card, keys: CardKeys) -> Procedure:
    """Procedure: all that makes a card ours; skips what is done. Whether it then is ours, inspection says.

    CardError.
    """
    yield from apdu.select(PICC)
    try:
        body = layout.AID + bytes([layout.KEY_SETTINGS, 0x80 | layout.KEY_COUNT])
        yield from apdu.exchange(CREATE_APPLICATION, body)
    except CardError as error:
        if error.status != apdu.DUPLICATE:
            raise
    yield from apdu.select(layout.AID)
    try:
        session = yield from ev2.authenticate(layout.KEY_MASTER, FACTORY_KEY, secrets.token_bytes(16))
    except CardError as error:
        if error.status != apdu.AUTHENTICATION_ERROR:
            raise
        return  # finished, or not ours
    yield from _change_keys(session, keys)
    yield from _create_files(session, keys)
    data = layout.card_data(keys.data, card.uid, card.issue, card.number)
    header = bytes([layout.FILE_DATA]) + bytes(3) + len(data).to_bytes(3, "little")
    yield from session.exchange(WRITE_DATA, header, data)
    change = ev2.change_key_data(keys.master, keys.version_byte("master"), None)
    # the answer carries no MAC: the session ends with the key it stood on
    yield from apdu.exchange(
        CHANGE_KEY, session.command(CHANGE_KEY, bytes([layout.KEY_MASTER]), change, layout.COMM_FULL)
    )


def _change_keys(session: ev2.Session, keys: CardKeys) -> Procedure:
    numbered = (
        (layout.KEY_READ, keys.read, keys.version_byte("read")),
        (layout.KEY_DEBIT, keys.debit, keys.version_byte("debit")),
        (layout.KEY_CREDIT, keys.credit, keys.version_byte("credit")),
    )
    for number, key, byte in numbered:
        version = yield from session.exchange(GET_KEY_VERSION, bytes([number]))
        if version == bytes([byte]):
            continue
        change = ev2.change_key_data(key, byte, FACTORY_KEY)
        yield from session.exchange(CHANGE_KEY, bytes([number]), change, layout.COMM_FULL, layout.COMM_MAC)


def _create_files(session: ev2.Session, keys: CardKeys) -> Procedure:
    there = yield from session.exchange(GET_FILE_IDS)
    for file in FILES:
        if file.number in there:
            continue
        if file.create == CREATE_TMAC:
            secret = keys.tmac + bytes([KEY_VERSION_SET])
            yield from session.exchange(file.create, file.header, secret, layout.COMM_FULL, layout.COMM_MAC)
        else:
            yield from session.exchange(file.create, file.header)
