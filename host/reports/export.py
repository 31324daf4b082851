"""The ledger as plain text that other programs read: `python -m host export ledger`.

Their sign is the other way round: debits are above zero there, and what we call a balance is below.
Pending, voided and expired transactions moved nothing and are left out; one that was posted later stands
where it was posted. The balances at the end are those that the books keep, not sums of what was written:
the reader's own sums are held against them.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Protocol

from host.db.connection import Connection
from host.reports import beancount, books, hledger
from host.reports.books import Account, Balance, Days, Entry


class Format(Protocol):
    """What a kind of text is made of; each gives whole lines."""

    def head(self) -> Iterator[str]: ...
    def account(self, account: Account) -> Iterator[str]: ...
    def opening(self, day: date, balance: Balance) -> Iterator[str]: ...
    def entry(self, entry: Entry) -> Iterator[str]: ...
    def balances(self, day: date, balances: Iterator[Balance]) -> Iterator[str]: ...


FORMATS: dict[str, Format] = {"beancount": beancount, "hledger": hledger}


def ledger(connection: Connection, words: Format, days: Days) -> Iterator[str]:
    """The text, line by line, of one state of the books; the same books give the same text.

    HostError for a kind or unit that this program does not know.
    """
    yield from words.head()
    for account in books.accounts(connection):
        yield from words.account(account)
    last = None
    if days.first is not None:
        last = max(days.first, books.EPOCH)  # before that day no account is open
        for balance in books.balances(connection, days.start_s):
            if balance.amount:
                yield from words.opening(days.first, balance)
    for entry in books.entries(connection, days):
        last = entry.day if last is None else max(last, entry.day)
        yield from words.entry(entry)
    if last is not None and last < date.max:
        after = last + timedelta(days=1)
        yield from words.balances(after, books.balances(connection, days.end_s))
