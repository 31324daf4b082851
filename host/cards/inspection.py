"""The look at a card before it is called ours, as a procedure (see protocol.card.apdu).

A card may have been prepared before it came to the desk: an application of our name with a value file that
anybody credits, or with a credit key of the preparer's. So nothing found on it is taken for granted. A chip
that acts as DESFire and learns our keys here passes all the same: docs/decisions/0007-desk-trust.md.
"""

import secrets
import struct
from collections.abc import Generator

from host.cards.personalise import KEY_VERSION_SET, TMAC_KEY_AES, CardKeys, NotPersonalisable
from host.cards.registry import Card
from protocol.card import ev2, layout, purse, tmac

Procedure = Generator[bytes, bytes, None]

GET_FILE_SETTINGS = 0xF5
STANDARD_DATA, VALUE, CYCLIC_RECORD, TRANSACTION_MAC = 0x00, 0x02, 0x04, 0x05


def _settings() -> dict[int, bytes]:
    """GetFileSettings of a fresh card of ours: type | comm | rights | what the type adds."""
    three = layout.LOG_SIZE.to_bytes(3, "little") + layout.LOG_RECORDS.to_bytes(3, "little")
    adds = {
        layout.FILE_DATA: (STANDARD_DATA, layout.COMM_MAC, layout.DATA_SIZE.to_bytes(3, "little")),
        # lower limit, upper limit, limited credit to give back, neither it nor free GetValue enabled
        layout.FILE_VALUE: (VALUE, layout.COMM_FULL, struct.pack("<iiiB", 0, layout.VALUE_FEN_MAX, 0, 0)),
        layout.FILE_LOG: (CYCLIC_RECORD, layout.COMM_MAC, three + bytes(3)),
        layout.FILE_TMAC: (TRANSACTION_MAC, layout.COMM_MAC, bytes([TMAC_KEY_AES, KEY_VERSION_SET])),
    }
    return {
        file_no: bytes([kind, comm]) + layout.RIGHTS[file_no] + more
        for file_no, (kind, comm, more) in adds.items()
    }


SETTINGS = _settings()


def inspect(card: Card, keys: CardKeys) -> Procedure:
    """Procedure: all keys ours, all files as we make them, no money, no past.

    CardError, NotPersonalisable.
    """
    master = yield from _authenticate(card, layout.KEY_MASTER, keys.master)
    for file_no, expected in SETTINGS.items():
        found = yield from master.exchange(GET_FILE_SETTINGS, bytes([file_no]))
        if found != expected:
            raise NotPersonalisable(
                f"File {file_no} of card {card.uid_hex} is not as we make it: somebody prepared this card. "
                "Keep it and take another one."
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
    value = yield from credit.exchange(tmac.GET_VALUE, bytes([layout.FILE_VALUE]), comm=layout.COMM_FULL)
    if any(counter) or any(value) or len(value) != 4:
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
