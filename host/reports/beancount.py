"""Beancount's words: https://beancount.github.io/docs/beancount_language_syntax.html"""

import re
from collections.abc import Iterator
from datetime import date

from host.ledger.chart import CNY, UNITS
from host.reports import names
from host.reports.books import EPOCH, Account, Balance, Entry

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
_ODD = re.compile(r'["\\\x00-\x1f\x7f]')


def head() -> Iterator[str]:
    """Options and commodities."""
    yield "; Tapledger's ledger. Debits are above zero.\n"
    yield f'option "title" "Tapledger"\noption "operating_currency" "{CNY}"\n\n'
    for unit in UNITS:
        yield f"{EPOCH} commodity {names.commodity(unit)}\n"
    yield f"\n{EPOCH} open {names.OPENING}\n"


def account(account: Account) -> Iterator[str]:
    """Opened on the first day there is: the books keep no day for it."""
    yield f"{EPOCH} open {names.account(*account)}\n  owner: {_quoted(account.owner)}\n"


def opening(day: date, balance: Balance) -> Iterator[str]:
    """What an account held before the first day."""
    yield f'{day} * "opening"\n'
    yield from _posting(balance.account, -balance.amount, balance.unit)
    yield f"  {names.OPENING}  {names.amount(balance.amount, balance.unit)}\n"


def entry(entry: Entry) -> Iterator[str]:
    """One transaction: payee and narration are kind and reference."""
    yield f"\n{entry.day} * {_quoted(entry.kind)} {_quoted(entry.reference)}\n"
    for name, value in entry.notes:
        yield f"  {name}: {value if isinstance(value, int) else _quoted(value)}\n"
    for debit, credit, unit, amount in entry.transfers:
        yield from _posting(debit, amount, unit)
        yield from _posting(credit, -amount, unit)


def balances(day: date, balances: Iterator[Balance]) -> Iterator[str]:
    """Assertions at the beginning of that day; ~ 0: without it a fen of difference would pass."""
    yield "\n"
    for account, unit, amount in balances:
        number, name = names.amount(-amount, unit).split()
        yield f"{day} balance {names.account(*account)}  {number} ~ 0 {name}\n"


def _posting(account: Account, amount: int, unit: str) -> Iterator[str]:
    yield f"  {names.account(*account)}  {names.amount(amount, unit)}\n"


def _quoted(text: str) -> str:
    return '"' + _ODD.sub(lambda found: _ESCAPES.get(found[0], f"\\\\x{ord(found[0]):02x}"), text) + '"'
