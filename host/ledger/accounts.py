"""Looking accounts up. They are opened, and their balances changed, by host.ledger.books alone."""

from host.db.connection import Connection
from host.ledger.chart import CNY, card_owner


def find(connection: Connection, owner: str, kind: str, unit: str = CNY) -> int | None:
    """An account's id, None when it was never opened."""
    row = connection.execute(
        "SELECT id FROM accounts WHERE owner = ? AND kind = ? AND unit = ?", (owner, kind, unit)
    ).fetchone()
    return None if row is None else int(row["id"])


def of(connection: Connection, kind: str, owners: list[str]) -> dict[int, int]:
    """{id: balance} of all accounts of this kind that they have."""
    sql = f"SELECT id, balance FROM accounts WHERE kind = ? AND owner IN {connection.TEXTS}"
    return dict(connection.tuples(sql, (kind, connection.texts(owners))))


def balance(connection: Connection, account_id: int) -> int:
    """The balance kept with the account, in its unit. The account must be there."""
    row = connection.execute("SELECT balance FROM accounts WHERE id = ?", (account_id,)).fetchone()
    return int(row["balance"])


def card_balance(connection: Connection, uid: bytes, issue: int) -> int | None:
    """What a card may spend in fen, principal and bonus, or what its account holds; None: it has none."""
    row = connection.execute(
        "SELECT CAST(sum(balance) AS BIGINT) AS total FROM accounts"
        " WHERE owner = ? AND kind IN ('card', 'bonus', 'account') AND unit = ?",
        (card_owner(uid, issue), CNY),
    ).fetchone()
    return None if row["total"] is None else int(row["total"])


def owed_fen(connection: Connection, uid: bytes, issue: int) -> int:
    """Principal in fen on a card in one of its lives, waiting for it, and paid for top-ups whose answer was
    lost; what is below zero owes nothing."""
    row = connection.execute(
        "SELECT CAST(coalesce(sum(fen), 0) AS BIGINT) AS n FROM (SELECT balance AS fen FROM accounts"
        " WHERE owner = ? AND unit = ? AND kind IN ('card', 'account', 'waiting') AND balance > 0"
        " UNION ALL SELECT p.amount FROM open_loads o JOIN plans p ON p.transaction_id = o.transaction_id"
        " JOIN accounts a ON a.id = p.debit_id AND a.kind = 'cash' WHERE o.uid = ? AND o.issue = ?) owed",
        (card_owner(uid, issue), CNY, uid, issue),
    ).fetchone()
    return int(row["n"])
