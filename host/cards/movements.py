"""What was last done to a card's money."""

from typing import Any

from host.cards.registry import Card
from host.db.connection import Connection
from host.ledger import accounts
from host.ledger.chart import card_owner

MOVEMENTS_MAX = 10

# Back along an account's own transfers, the newest first.
_MOVES = (
    "WITH RECURSIVE walk (id, before, step) AS (SELECT e.id, CASE WHEN e.debit_id = a.id THEN e.debit_before"
    " ELSE e.credit_before END, 1 FROM accounts a JOIN transfers e ON e.id = a.last_transfer WHERE a.id = ?"
    " UNION ALL SELECT e.id, CASE WHEN e.debit_id = ? THEN e.debit_before ELSE e.credit_before END,"
    " w.step + 1 FROM walk w JOIN transfers e ON e.id = w.before WHERE w.step < ?)"
    " SELECT t.kind, t.who, t.kiosk, t.happened_s, t.booked_s, t.tmc, e.amount, e.debit_id, e.debit_after,"
    " e.credit_after FROM walk w JOIN transfers e ON e.id = w.id JOIN transactions t"
    " ON t.id = e.transaction_id ORDER BY e.id DESC"
)


def newest(connection: Connection, found: Card) -> list[dict[str, Any]]:
    """[{kind, who, kiosk, at, amount_fen, balance_fen}] of principal and bonus, each the newest first."""
    made = []
    for kind in ("card", "bonus", "account"):
        number = accounts.find(connection, card_owner(found.uid, found.issue), kind)
        if number is None:
            continue
        for row in connection.execute(_MOVES, (number, number, MOVEMENTS_MAX)).fetchall():
            paid = row["debit_id"] == number
            made.append(
                {
                    **{name: row[name] for name in ("kind", "who", "kiosk")},
                    "account": kind,
                    "at": row["happened_s"],
                    "amount_fen": -row["amount"] if paid else row["amount"],
                    "balance_fen": row["debit_after"] if paid else row["credit_after"],
                }
            )
    return sorted(made, key=lambda move: -move["at"])
