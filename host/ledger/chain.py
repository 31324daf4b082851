"""The hash chain of a partition: each transaction carries a link over itself and the link before it.

    link = SHA-256(link before it | line in UTF-8)
    line = the columns below, then each transfer or plan, with tabs between, which no text may hold; what is
           absent is empty (a text) or None (a number)

The first link is over the partition's name. Whoever edits a row must make all later links anew, and then
none of the checkpoints fits: they are MACed by the key keeper and kept outside the database too.
"""

import hashlib
from functools import lru_cache
from typing import NamedTuple

COLUMNS = (
    "id, state, ends, kind, reference, who, kiosk, purse, tmc, change_fen, value_fen, before, first_transfer,"
    " happened_s, booked_s"
)
# Of a sale as it comes by the thousand; the other columns keep their defaults: posted, or empty.
SALE_COLUMNS = (
    "id, kind, who, kiosk, purse, tmc, change_fen, value_fen, before, first_transfer, happened_s, booked_s,"
    " link"
)
TRANSFER_COLUMNS = (
    "id, transaction_id, debit_id, credit_id, amount, debit_after, credit_after, debit_before, credit_before"
)
# A link, then line() and transfer() of a sale: in one piece, and in bytes, half the time of the three.
_SOLD = b"%b%d\tposted\tNone\t%b" + b"\t%d" * 8 + b"\t%d:%d>%d:%d:%d:%d:%d:%d"
_SOLD_FIRST = _SOLD.replace(b"%d", b"%a")  # where a number is None
WRITER_BITS = 40  # a partition's numbers start above its own number << 40
WRITERS_MAX = 1 << 63 - WRITER_BITS
LINK_SIZE = 32


class Entered(NamedTuple):
    """A transfer as it stands in its table."""

    id: int
    transaction_id: int
    debit_id: int
    credit_id: int
    amount: int
    debit_after: int
    credit_after: int
    debit_before: int | None
    credit_before: int | None


def origin(writer: int) -> bytes:
    """The link before a partition's first."""
    return hashlib.sha256(b"tapledger partition %d" % writer).digest()


def first_number(writer: int) -> int:
    """What a partition's numbers are above."""
    return writer << WRITER_BITS


def writer_of(number: int) -> int:
    """The partition that a number belongs to."""
    return number >> WRITER_BITS


def line(row: tuple[object, ...], moved: str) -> str:
    """The text a link is over. row: the values of COLUMNS; moved: of transfers() or plans()."""
    (
        number,
        state,
        ends,
        kind,
        reference,
        who,
        kiosk,
        purse,
        tmc,
        change,
        value,
        before,
        first,
        at,
        booked,
    ) = row
    return (
        f"{number}\t{state}\t{ends}\t{kind}\t{reference or ''}\t{who}\t{kiosk or ''}"
        f"\t{purse}\t{tmc}\t{change}\t{value}\t{before}\t{first}\t{at}\t{booked}{moved}"
    )


def transfer(entered: tuple[object, ...]) -> str:
    """A transfer's part of the line. entered: the values of TRANSFER_COLUMNS."""
    number, _, debit, credit, amount, debit_after, credit_after, debit_before, credit_before = entered
    return f"\t{number}:{debit}>{credit}:{amount}:{debit_after}:{credit_after}:{debit_before}:{credit_before}"


@lru_cache(4096)
def names(kind: str, who: str, kiosk: str) -> bytes:
    """What line() has between `ends` and `purse` of a sale, which has no reference: for sold()."""
    return f"{kind}\t\t{who}\t{kiosk}".encode()


def sold(values: tuple[object, ...]) -> bytes:
    """The link of a posted sale of one transfer: link() over its line() and transfer(), at once.

    values: the link before it, id, names(), then from purse to booked_s and of its transfer id, debit_id,
    credit_id and what follows.
    """
    try:
        return hashlib.sha256(_SOLD % values).digest()
    except TypeError:
        return hashlib.sha256(_SOLD_FIRST % values).digest()


def planned(debit: int, credit: int, amount: int) -> str:
    """A planned transfer's part of the line."""
    return f"\t{debit}>{credit}:{amount}"


def link(before: bytes, text: str) -> bytes:
    """32 bytes."""
    return hashlib.sha256(before + text.encode()).digest()
