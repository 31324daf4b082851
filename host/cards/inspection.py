"""The look at a card before it is called ours, as a procedure (see protocol.card.apdu).

What was on a card before is wiped (see personalise.py); this holds what is there now against the layout, and
a card that the books take for new against its counter. A chip that acts as DESFire and learns our keys
passes all the same: docs/decisions/0007-desk-trust.md.
"""

import secrets
from collections.abc import Generator

from host.cards.card_keys import CardKeys
from host.cards.files import FILES
from host.cards.registry import Card
from host.cards.terms import NotPersonalisable, Procedure
from protocol.card import ev2, layout, purse

GET_FILE_SETTINGS = 0xF5


def inspect(card: Card, keys: CardKeys) -> Procedure:
    """Procedure: keys ours, all files as we make them, no money, no past.

    CardError, NotPersonalisable.
    """
    master = yield from _authenticate(card, layout.KEY_MASTER, keys.master)
    for file in FILES:
        found = yield from master.exchange(GET_FILE_SETTINGS, bytes([file.number]))
        if found != file.settings(keys.versions["tmac"]):
            raise NotPersonalisable(
                f"File {file.number} of card {card.uid_hex} is not as we make it: somebody prepared this "
                "card. Keep it and take another one."
            )
    data = yield from purse.read_file(master, layout.FILE_DATA, layout.DATA_SIZE)
    if data != layout.card_data(keys.data, card.uid, card.issue, card.number):
        raise NotPersonalisable(
            f"Card {card.uid_hex} carries our keys but not the data of issue {card.issue}, {card.number}."
        )
    debit = yield from _authenticate(card, layout.KEY_DEBIT, keys.debit)
    counter = (yield from purse.read_file(debit, layout.FILE_TMAC, layout.TMAC_SIZE))[:4]
    value_fen = yield from purse.get_value(debit)
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
