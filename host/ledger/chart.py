"""The chart of accounts: kinds, what they stand for, and whether they may go below zero.

A balance is credits less debits. So a liability (a card's money, points a member may spend) and income are
above zero, an asset (cash in a drawer) and a cost below. docs/ledger.md shows this table, and a test
compares them.
"""

from typing import NamedTuple

NEVER, REPORTS, YES = "never", "reports", "yes"  # may an account go below zero?

# How many digits of a unit stand behind the point when people read it.
UNITS = {"CNY": 2, "points": 0, "visits": 0, "minutes": 0, "vouchers": 0}
CNY = "CNY"  # counted in fen


class Kind(NamedTuple):
    """One kind of account. place: its name in an export, in beancount's five groups."""

    below_zero: str
    place: str
    owner: str
    what: str


KINDS = {
    "card": Kind(REPORTS, "Liabilities:Cards:Principal", "card:UID:ISSUE", "money paid in, on a purse card"),
    "bonus": Kind(
        NEVER, "Liabilities:Cards:Bonus", "card:UID:ISSUE", "money given, on a card: never refunded"
    ),
    "account": Kind(
        NEVER, "Liabilities:Accounts", "card:UID:ISSUE", "money of a card that holds none itself"
    ),
    "cash": Kind(YES, "Assets:Cash", "house or shift:ID", "the safe, or the drawer of a shift"),
    "bank": Kind(YES, "Assets:Bank", "house", "money at the bank and under way to it"),
    "sales": Kind(
        *(YES, "Income:Sales", "kiosk:NAME, site:NAME, shift:ID or house"),
        "earned at a kiosk or a site, or at a desk by passes",
    ),
    "given": Kind(YES, "Expenses:Bonus", "house", "what bonuses cost when they are given"),
    "refunds": Kind(NEVER, "Liabilities:RefundsPayable", "house", "to be paid back to customers"),
    "commission": Kind(NEVER, "Liabilities:CommissionPayable", "operator:NAME", "owed to who sold a card"),
    "commission-cost": Kind(YES, "Expenses:Commission", "house", "what commissions cost"),
    "breakage": Kind(YES, "Income:Breakage", "house", "money of cards that will never be spent"),
    "losses": Kind(YES, "Expenses:Losses", "house", "debits that turned up after a card was replaced"),
    "points": Kind(
        NEVER,
        "Liabilities:Points",
        "member:ID, card:UID:ISSUE or pass:ID",
        "points, visits, minutes, vouchers to be used",
    ),
    "owed": Kind(
        YES, "Assets:Owed", "pass:ID", "minutes that were used and not there, to be paid by later ones"
    ),
    "opening": Kind(YES, "Equity:Opening", "house", "what cards held in the system before this one"),
    "issued": Kind(YES, "Equity:Issued", "house", "the other side of points, visits, minutes, vouchers"),
    "waiting": Kind(NEVER, "Liabilities:Cards:Waiting", "card:UID:ISSUE", "taken for a card, not on it yet"),
    "waiting-bonus": Kind(
        NEVER, "Liabilities:Cards:WaitingBonus", "card:UID:ISSUE", "given for a card, not on it yet"
    ),
    "over-short": Kind(YES, "Income:OverShort", "shift:ID", "what a drawer's counts found too much or less"),
    "suspense": Kind(YES, "Liabilities:Suspense", "house or card:UID:ISSUE", "of cards that nobody knows"),
}

HOUSE = "house"
OPERATOR, KIOSK, CARD, SHIFT, PASS = "operator:", "kiosk:", "card:", "shift:", "pass:"


def card_owner(uid: bytes, issue: int) -> str:
    """The owner's name of a card's account."""
    return f"{CARD}{uid.hex().upper()}:{issue}"


def kiosk_owner(name: str) -> str:
    """The owner's name of a kiosk's accounts."""
    return KIOSK + name


def shift_owner(number: int) -> str:
    """The owner's name of a shift's drawer."""
    return f"{SHIFT}{number}"


def operator_owner(name: str) -> str:
    """How an operator is named wherever the books say who."""
    return OPERATOR + name
