"""The sale that a card can be given back, as the books know it."""

from host.cards.registry import Card
from host.cards.terms import RegistryError
from host.db.connection import Connection
from host.ledger import loads, purse


def took(connection: Connection, card: Card, sale: int) -> int:
    """What a sale (its transaction) of this card took in fen; RegistryError when it is none."""
    fen = _took(connection, card, sale)
    if fen is None:
        raise RegistryError("refund", f"Transaction {sale} is no sale of card {card.uid_hex}.")
    return fen


def _took(connection: Connection, card: Card, transaction: int) -> int | None:
    row = connection.execute(
        "SELECT t.change_fen FROM transactions t JOIN purses p ON p.account_id = t.purse"
        " WHERE t.id = ? AND p.uid = ? AND p.issue = ? AND t.kind IN ('sale', 'settlement')",
        (transaction, card.uid, card.issue),
    ).fetchone()
    return None if row is None else -int(row["change_fen"])


def last_sale(connection: Connection, card: Card) -> tuple[int, int] | None:
    """(transaction, fen) of the sale that can be given back now, the last thing the card did; or None."""
    tmc, _value = purse.last_move(connection, card.uid, card.issue)
    found = purse.moved(connection, card.uid, card.issue, tmc, purse.TO_THE_FIRST) if tmc else None
    if found is None or loads.pending_loads(connection, card.uid, card.issue):
        return None
    fen = _took(connection, card, found[0])  # None: a top-up, a refund or a payout
    return None if fen is None else (found[0], fen)


def given_back(connection: Connection, card: Card, sale: int) -> int | None:
    """How much of a sale the card has got back, in fen; None: nothing."""
    row = connection.execute("SELECT tmc FROM transactions WHERE id = ?", (sale,)).fetchone()
    after = None
    if row is not None and row["tmc"] is not None:
        after = purse.moved(connection, card.uid, card.issue, row["tmc"] + 1, purse.TO_THE_FIRST)
    if after is None or loads.kind_of(connection, after[0]) != loads.REFUND:
        return None
    return after[1].change_fen
