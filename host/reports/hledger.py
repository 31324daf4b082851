"""hledger's words: https://hledger.org/hledger.html

Its descriptions and tags have no quotes: what would end one is written %HEX-, as the percent sign itself is.
"""

import re
from collections.abc import Iterator
from datetime import date

from host.ledger.chart import UNITS
from host.reports import names
from host.reports.books import Account, Balance, Entry

_ODD = re.compile(r"[;,|%\x00-\x1f\x7f-\x9f\u2028\u2029]|^ | $|  ")
_TYPES = {"Assets": "A", "Liabilities": "L", "Equity": "E", "Income": "R", "Expenses": "X"}


def head() -> Iterator[str]:
    """Commodities, with the digits they have."""
    yield "; Tapledger's ledger. Debits are above zero.\n\n"
    for unit in UNITS:
        number, name = names.amount(0, unit).split()
        yield f"commodity 1{number.replace('0', '000', 1) if '.' in number else '000.'} {name}\n"
    yield f"\naccount {names.OPENING}  ; type: E\n"


def account(account: Account) -> Iterator[str]:
    """Declared with its type."""
    name = names.account(*account)
    yield f"account {name}  ; type: {_TYPES[name.partition(':')[0]]}, owner: {_plain(account.owner)}\n"


def opening(day: date, balance: Balance) -> Iterator[str]:
    """What an account held before the first day."""
    yield f"{day} * opening\n"
    yield from _posting(balance.account, -balance.amount, balance.unit)
    yield f"    {names.OPENING}  {names.amount(balance.amount, balance.unit)}\n"


def entry(entry: Entry) -> Iterator[str]:
    """One transaction: code is our number, payee and note are kind and reference."""
    notes = dict(entry.notes)
    number = notes.pop("id")
    yield f"\n{entry.day} * ({number}) {_plain(entry.kind)} | {_plain(entry.reference)}\n"
    for name, value in notes.items():
        yield f"    ; {name}: {_plain(str(value))}\n"
    for debit, credit, unit, amount in entry.transfers:
        yield from _posting(debit, amount, unit)
        yield from _posting(credit, -amount, unit)


def balances(day: date, balances: Iterator[Balance]) -> Iterator[str]:
    """A transaction that moves nothing and asserts."""
    yield f"\n{day} * balances\n"
    for account, unit, amount in balances:
        nothing, there = names.amount(0, unit), names.amount(-amount, unit)
        yield f"    {names.account(*account)}  {nothing} = {there}\n"


def _posting(account: Account, amount: int, unit: str) -> Iterator[str]:
    yield f"    {names.account(*account)}  {names.amount(amount, unit)}\n"


def _plain(text: str) -> str:
    return _ODD.sub(lambda found: "".join([f"%{ord(each):x}-" for each in found[0]]), text)
