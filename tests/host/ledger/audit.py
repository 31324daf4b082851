"""The books looked over by a second hand: balances, histories and the hash chain, each worked out again."""

from typing import Any

from host.db.connection import Connection
from host.ledger import chain

_SIDES = ((2, 5, 7, -1), (3, 6, 8, 1))  # of chain.TRANSFER_COLUMNS: account, after, before; its sign


def sums(connection: Connection) -> None:
    """Each unit sums to zero, no account is where its kind forbids it."""
    for unit, total in connection.execute("SELECT unit, sum(balance) FROM accounts GROUP BY unit"):
        assert total == 0, f"{unit} sums to {total}"
    wrong = connection.execute("SELECT id, balance FROM accounts WHERE balance < 0 AND below_zero = 'never'")
    assert [tuple(row) for row in wrong] == []


def histories(connection: Connection) -> None:
    """Walked back from its balance, each account's transfers lead to nothing, and none is left over."""
    rows = connection.execute(f"SELECT {chain.TRANSFER_COLUMNS} FROM transfers").fetchall()
    transfers = {row[0]: tuple(row) for row in rows}
    walked = 0
    for number, balance, last in connection.execute(
        "SELECT id, balance, last_transfer FROM accounts"
    ).fetchall():
        while last is not None:
            _, after, before, sign = next(side for side in _SIDES if transfers[last][side[0]] == number)
            assert transfers[last][after] == balance, f"transfer {last} on account {number}"
            balance -= sign * transfers[last][4]
            last, walked = transfers[last][before], walked + 1
        assert balance == 0, f"account {number} begins with {balance}"
    assert walked == 2 * len(transfers)


def links(connection: Connection, writer: int) -> int:
    """Each link follows from the one before; the partition's last transaction."""
    between = (chain.first_number(writer) + 1, chain.first_number(writer + 1))
    moved: dict[int, str] = {}

    def gather(sql: str, text: Any) -> None:
        for row in connection.execute(sql, between):
            moved[row[0]] = moved.get(row[0], "") + text(tuple(row)[1:])

    gather(
        f"SELECT transaction_id, {chain.TRANSFER_COLUMNS} FROM transfers"
        " WHERE transaction_id BETWEEN ? AND ? ORDER BY id",
        chain.transfer,
    )
    gather(
        "SELECT transaction_id, debit_id, credit_id, amount FROM plans WHERE transaction_id BETWEEN ? AND ?"
        " ORDER BY transaction_id, place",
        lambda planned: chain.planned(*planned),
    )
    number, link = between[0] - 1, chain.origin(writer)
    sql = f"SELECT {chain.COLUMNS}, link FROM transactions WHERE id BETWEEN ? AND ? ORDER BY id"
    for *row, found in connection.execute(sql, between):
        assert row[0] == number + 1, f"after transaction {number} comes {row[0]}"
        number, link = row[0], chain.link(link, chain.line(tuple(row), moved.pop(row[0], "")))
        assert bytes(found) == link, f"the link of transaction {number}"
    assert not moved, "transfers or plans of no transaction"
    stand = connection.execute(
        "SELECT last_transaction, link FROM chains WHERE writer = ?", (writer,)
    ).fetchone()
    assert stand is None or (stand[0], bytes(stand[1])) == (number, link)
    return number


def writers(connection: Connection) -> list[int]:
    return [row[0] for row in connection.execute("SELECT writer FROM chains ORDER BY writer").fetchall()]


def audit(connection: Connection) -> None:
    """All of it."""
    sums(connection)
    histories(connection)
    for writer in writers(connection):
        links(connection, writer)
