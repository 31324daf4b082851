"""Does a card's Transaction MAC prove what is told of it? Fast for a card that was asked about before."""

from functools import lru_cache
from hmac import compare_digest
from struct import Struct
from typing import NoReturn

from cryptography.hazmat.primitives.ciphers.algorithms import AES, AES128
from cryptography.hazmat.primitives.cmac import CMAC

from host.cards.keeper import Keeper
from protocol.aes import odd_bytes
from protocol.card import layout, tmac

# protocol.card.tmac's debit_input over layout's log_record as one piece: a call each took a tenth of a sale.
_GET, _DEBIT = bytes([tmac.GET_VALUE, layout.FILE_VALUE]), bytes([tmac.DEBIT, layout.FILE_VALUE])
_RECORD = tmac.record_input(layout.FILE_LOG, bytes(24))[:16] + bytes([layout.LOG_DEBIT])
_DEBIT_INPUT = Struct("<2sI10x2sI10x17sIHIIII9x").pack
CARDS_MAX = 16384  # about 1.3 KB each
Life = tuple[bytes, int, int]  # a card's UID, issue number and key version


class Proofs:
    """Checks TMVs. Of a card's key it keeps a CMAC begun with it: as secret as the key, and as unprintable as
    the keeper."""

    __slots__ = ("_begun", "_keeper", "_missed")

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._begun = lru_cache(CARDS_MAX)(self._begin)
        self._missed: set[Life] = set()

    def __reduce__(self) -> NoReturn:
        raise TypeError("what is begun with a key is never pickled")

    def proves(
        self, card_uid: bytes, issue: int, version: int | None, tmc: int, tmi: bytes, tmv: bytes
    ) -> bool:
        """Is tmv what this card returned with counter tmc over the input tmi?

        version None: the newest, for a card that the books do not know. KeyError for one that was never made.
        """
        return proves(self._begun(card_uid, issue, version), card_uid, tmc, tmi, tmv)

    def missed(self, card_uid: bytes, issue: int, version: int) -> None:
        """Whoever proves ahead of us did not have this card's key."""
        self._missed.add((card_uid, issue, version))

    def wanted(self) -> list[tuple[Life, bytes]]:
        """What was missed since this was last asked, with the cards' keys."""
        missed, self._missed = self._missed, set()
        return [(life, self._keeper.tmac_key(*life)) for life in missed]

    def _begin(self, uid: bytes, issue: int, version: int | None) -> CMAC:
        if version is None:
            version = self._keeper.generation
        return begun(self._keeper.tmac_key(uid, issue, version))


def begun(key: bytes) -> CMAC:
    """A CMAC begun with a card's Transaction MAC key, for proves()."""
    return CMAC(AES(key))


def proves(begun_with: CMAC, card_uid: bytes, tmc: int, tmi: bytes, tmv: bytes) -> bool:
    """Is tmv what the card of this key returned with counter tmc over the input tmi?"""
    session = begun_with.copy()
    session.update(tmac.session_input(card_uid, tmc))
    mac = CMAC(AES128(session.finalize()))
    mac.update(tmi)
    return compare_digest(odd_bytes(mac.finalize()), tmv)


def debit_input(
    kiosk_no: int, epoch: int, counter: int, amount_fen: int, after_fen: int, happened_s: int
) -> bytes:
    """TMI of a kiosk's sale: what its card's Transaction MAC is over."""
    number = (kiosk_no, epoch, counter)
    before_fen = after_fen + amount_fen
    return _DEBIT_INPUT(
        _GET, before_fen, _DEBIT, amount_fen, _RECORD, *number, amount_fen, after_fen, happened_s
    )
