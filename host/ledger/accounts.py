"""Accounts: who, in what unit, of what kind, and may it go below zero.

An amount above zero is a credit. So a card's account shows what the house owes its holder, sales what it has
earned, and cash, an asset, runs below zero by what lies in the drawer.

    kind      owner            below zero
    card      card:UID:ISSUE   never, but for reports of what the card itself did
    cash      house            yes
    sales     kiosk:NAME       yes (refunds come later)
    suspense  house            yes
"""

import sqlite3

CNY = "CNY"  # unit: fen
HOUSE = "house"
OPERATOR = "operator:"
MAY_GO_NEGATIVE = {"card": False, "cash": True, "sales": True, "suspense": True}


def card_owner(uid: bytes, issue: int) -> str:
    """The owner's name of a card's account."""
    return f"card:{uid.hex().upper()}:{issue}"


def kiosk_owner(name: str) -> str:
    """The owner's name of a kiosk's accounts."""
    return f"kiosk:{name}"


def operator_owner(name: str) -> str:
    """How an operator is named wherever the books say who."""
    return OPERATOR + name


def find(connection: sqlite3.Connection, owner: str, kind: str, unit: str = CNY) -> int | None:
    """An account's id, None when it was never opened."""
    row = connection.execute(
        "SELECT id FROM accounts WHERE owner = ? AND kind = ? AND unit = ?", (owner, kind, unit)
    ).fetchone()
    return None if row is None else int(row["id"])


def open_(connection: sqlite3.Connection, owner: str, kind: str, unit: str = CNY) -> int:
    """An account's id; opened when it is new. KeyError for a kind that the chart does not have."""
    negative = MAY_GO_NEGATIVE[kind]
    known = find(connection, owner, kind, unit)
    if known is not None:
        return known
    cursor = connection.execute(
        "INSERT INTO accounts (owner, unit, kind, may_go_negative) VALUES (?, ?, ?, ?)",
        (owner, unit, kind, int(negative)),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def balance(connection: sqlite3.Connection, account_id: int) -> int:
    """The balance kept with the account."""
    row = connection.execute("SELECT balance FROM accounts WHERE id = ?", (account_id,)).fetchone()
    return int(row["balance"])


def card_balance(connection: sqlite3.Connection, uid: bytes, issue: int) -> int | None:
    """A card's shadow balance in fen, None when it has no account."""
    account_id = find(connection, card_owner(uid, issue), "card")
    return None if account_id is None else balance(connection, account_id)
