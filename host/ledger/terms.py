"""The words of the books: what a transaction is made of, and what may be wrong with it."""

from dataclasses import dataclass
from typing import NamedTuple

POSTED, PENDING, VOIDED, EXPIRED = "posted", "pending", "voided", "expired"
AMOUNT_MAX = 2**53
TRANSFERS_MAX = 1000  # of one transaction


class LedgerError(Exception):
    """A rule of the books refuses; str() says which."""


class AlreadyBooked(LedgerError):
    """This kind and reference is in the books."""


class Overdraft(LedgerError):
    """An account would go below zero where its kind forbids it."""


class Transfer(NamedTuple):
    """`amount` in the accounts' unit, from one account to the other."""

    debit: int
    credit: int
    amount: int


class Why(NamedTuple):
    """What a transaction belongs to; kind and reference name it once and for all. happened_s is a hint.

    purse, tmc, change_fen, value_fen: of what a card's own counter tells (see host.ledger.purse).
    """

    kind: str
    reference: str | None
    who: str
    happened_s: int
    kiosk: str | None = None
    purse: int | None = None
    tmc: int | None = None
    change_fen: int | None = None
    value_fen: int | None = None
    before: int | None = None


@dataclass(slots=True)
class Account:
    """An account and where its balance stands by now."""

    id: int
    owner: str
    unit: str
    kind: str
    below_zero: str
    balance: int
    last_transfer: int | None


@dataclass(slots=True)
class Purse:
    """A purse card as the books know it by now; see the table."""

    account_id: int
    bonus_id: int | None
    uid: bytes
    issue: int
    tmc: int
    value_fen: int
    missing: int
    last_move: int | None
