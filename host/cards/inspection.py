"""The look at a card before it is called ours, as a procedure (see protocol.card.apdu).

A card may have been prepared before it came to the desk: an application of our name with a value file that
anybody credits, or with a credit key of the preparer's. So nothing found on it is taken for granted. A chip
that acts as DESFire and learns our keys here passes all the same: docs/decisions/0007-desk-trust.md.
"""

import secrets
from collections.abc import Generator

from host.cards.files import FILES
from host.cards.personalise import CardKeys, NotPersonalisable, Procedure
from host.cards.registry import Card
from protocol.card import ev2, layout, purse

GET_FILE_SETTINGS = 0xF5


def inspect(card: Card, keys: CardKeys) -> Procedure:
    """Procedure: all keys ours, all files as we make them, no money, no past.

    CardError, NotPersonalisable.
    """
    master = yield from _authenticate(card, layout.KEY_MASTER, keys.master)
    for file in FILES:
        found = yield from master.exchange(GET_FILE_SETTINGS, bytes([file.number]))
        if found != file.settings:
            raise NotPersonalisable(
                f"File {file.number} of card {card.uid_hex} is not as we make it: somebody prepared this "
                "card. Keep it and take another one."
            )
    data = yield from purse.read_file(master, layout.FILE_DATA, layout.DATA_SIZE)
    if data != layout.card_data(keys.data, card.uid, card.issue, card.number):
        raise NotPersonalisable(
            f"Card {card.uid_hex} carries our keys but not the data of issue {card.issue}, {card.number}."
        )
    yield from _authenticate(card, layout.KEY_READ, keys.read)
    debit = yield from _authenticate(card, layout.KEY_DEBIT, keys.debit)
    counter = (yield from purse.read_file(debit, layout.FILE_TMAC, layout.TMAC_SIZE))[:4]
    credit = yield from _authenticate(card, layout.KEY_CREDIT, keys.credit)
    value_fen = yield from purse.get_value(credit)
    if any(counter) or value_fen:
        raise NotPersonalisable(
            f"Card {card.uid_hex} is new in the books but its counter or its value is not 0: "
            "somebody prepared this card. Keep it and take another one."
        )


def _authenticate(card: Card, key_no: int, key: bytes) -> Generator[bytes, bytes, ev2.Session]:
    try:
        return (yield from purse.authenticate(key_no, key, secrets.token_bytes(16)))
    except purse.NotOurs:
        raise NotPersonalisable(
            f"Card {card.uid_hex} holds an application with other keys (key {key_no}): it belongs to another "
            "installation, or somebody prepared it. Take another one."
        ) from None
