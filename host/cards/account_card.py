"""Turning a factory NTAG 424 DNA into an account card of ours, as procedures (see protocol.card.apdu).

As with a purse, what is done already is skipped, so a card that was pulled half-way is finished by running it
again, and the key that may change all others is changed last. Whether the card then is ours, inspect says.
"""

import secrets
from collections.abc import Generator
from dataclasses import dataclass

from host.cards.keeper import Keeper
from host.cards.registry import Card
from host.cards.terms import FACTORY_KEY, NotPersonalisable, Procedure
from protocol.card import apdu, commands, ev2, ntag424, sun
from protocol.card.apdu import CardError
from protocol.same import same

ROLES = ("account-master", "account", "sdm-file")
KEY_VERSION_SET = 1  # the card's own version byte of a key, 0 on a factory key
NTAG = 0x04  # second byte of a version's hardware


@dataclass(frozen=True)
class AccountKeys:
    """All keys of one account card."""

    master: bytes
    account: bytes
    meta: bytes
    file: bytes

    def __repr__(self) -> str:
        return "<AccountKeys>"

    @property
    def numbered(self) -> tuple[tuple[int, bytes], ...]:
        """All but the master, by number."""
        return (
            (ntag424.KEY_ACCOUNT, self.account),
            (ntag424.KEY_META, self.meta),
            (ntag424.KEY_FILE, self.file),
            (ntag424.KEY_SPARE, self.master),
        )


def account_keys(keeper: Keeper, card: Card) -> AccountKeys:
    """Derive them; the meta key is the same on all cards of a version."""
    made = card.key_version
    master, account, file = (keeper.card_key(role, card.uid, made) for role in ROLES)
    return AccountKeys(master, account, keeper.meta_keys()[keeper.version("sdm-meta", made)], file)


def personalise(card: Card, keys: AccountKeys, message: sun.Message) -> Procedure:
    """Procedure: all that makes a card ours. CardError, NotPersonalisable."""
    try:
        yield from ntag424.select()
        version = yield from commands.get_version()
    except CardError:
        raise _foreign(card) from None
    if version.hardware[1] != NTAG:
        raise _foreign(card)
    try:
        session = yield from ntag424.authenticate(ntag424.KEY_MASTER, FACTORY_KEY, secrets.token_bytes(16))
    except CardError as error:
        if error.status != apdu.AUTHENTICATION_ERROR:
            raise
        # finished before, or of a former life: what is said again changes nothing, but for the message
        session = yield from _authenticate(card, keys.master)
    yield from ntag424.write_message(session, message)
    for number, key in keys.numbered:
        if (yield from commands.get_key_version(session, number)) != bytes([KEY_VERSION_SET]):
            yield from commands.change_key(session, number, key, KEY_VERSION_SET, FACTORY_KEY)
    changed = {
        ntag424.FILE_PROPRIETARY: ntag424.FULL[ntag424.FILE_PROPRIETARY][:3],
        ntag424.FILE_NDEF: ntag424.ndef_settings(message),
    }
    for file_no, settings in changed.items():
        shown = yield from commands.get_file_settings(session, file_no)
        if shown != ntag424.shown_settings(file_no, message):
            yield from ntag424.change_settings(session, file_no, settings)
    yield from commands.change_key(session, ntag424.KEY_MASTER, keys.master, KEY_VERSION_SET)


def inspect(card: Card, keys: AccountKeys, message: sun.Message) -> Generator[bytes, bytes, int]:
    """Procedure: keys, settings and message are ours -> the counter of the message it was asked for.

    CardError, NotPersonalisable.
    """
    session = yield from _authenticate(card, keys.master)
    if (yield from commands.get_card_uid(session)) != card.uid:
        raise NotPersonalisable(f"The card on the reader shows the UID {card.uid_hex}, which is not its own.")
    for file_no in (ntag424.FILE_CC, ntag424.FILE_NDEF, ntag424.FILE_PROPRIETARY):
        shown = yield from commands.get_file_settings(session, file_no)
        if shown != ntag424.shown_settings(file_no, message):
            raise NotPersonalisable(
                f"File {file_no} of card {card.uid_hex} is not as we make it: somebody prepared this "
                "card. Keep it and take another one."
            )
    for number, key in keys.numbered:
        try:
            yield from commands.reauthenticate(session, number, key, secrets.token_bytes(16))
        except CardError:
            raise _other_keys(card, number) from None
    url = sun.url_of((yield from ntag424.read_message()))
    said = None if url is None else sun.parse(url)
    opened = None if said is None else sun.open_picc_data(keys.meta, said[0])
    if said is None or opened is None or opened[0] != card.uid or not _signed(keys, opened, said[1]):
        raise NotPersonalisable(f"The message of card {card.uid_hex} is not one of ours: take another card.")
    return opened[1]


def _signed(keys: AccountKeys, opened: tuple[bytes, int], mac: bytes) -> bool:
    return same(sun.mac(keys.file, *opened), mac)


def _authenticate(card: Card, key: bytes) -> Generator[bytes, bytes, ev2.Session]:
    try:
        return (yield from ntag424.authenticate(ntag424.KEY_MASTER, key, secrets.token_bytes(16)))
    except CardError:
        raise _other_keys(card, ntag424.KEY_MASTER) from None


def _other_keys(card: Card, number: int) -> NotPersonalisable:
    return NotPersonalisable(
        f"Card {card.uid_hex} has another key {number} than we gave it: it belongs to another installation, "
        "or somebody prepared it. Take another one."
    )


def _foreign(card: Card) -> NotPersonalisable:
    return NotPersonalisable(f"Card {card.uid_hex} is no NTAG 424 DNA: an account card can't be made of it.")
