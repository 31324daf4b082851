"""Putting right what was booked: never an edit, always one more transaction."""

import sqlite3
from dataclasses import dataclass

from host import clock
from host.ledger import accounts, posting
from host.ledger.posting import Move, Why
from host.ledger.purse import CardMove


@dataclass(frozen=True)
class Place:
    """Whose sale a debit is by now; inferred: on that kiosk's word alone, which proof may still correct."""

    kiosk: str | None
    inferred: bool


def infer(connection: sqlite3.Connection, transaction_id: int) -> None:
    """Mark a sale as one whose kiosk nothing proves."""
    connection.execute("INSERT INTO inferences (transaction_id) VALUES (?)", (transaction_id,))


def place(connection: sqlite3.Connection, move: CardMove) -> Place:
    """Where a debit of the books took place; Place(None, False) for a top-up or what nobody has booked."""
    row = connection.execute(
        "SELECT t.kiosk, (SELECT c.kiosk FROM transactions c WHERE c.kind = 'correction'"
        " AND c.reference = t.reference) AS moved_to,"
        " EXISTS (SELECT 1 FROM inferences i WHERE i.transaction_id = t.id) AS inferred FROM card_moves m"
        " JOIN transactions t ON t.id = m.transaction_id WHERE m.uid = ? AND m.issue = ? AND m.tmc = ?",
        (move.uid, move.issue, move.tmc),
    ).fetchone()
    if row is None:
        return Place(None, False)
    if row["moved_to"] is not None:
        return Place(row["moved_to"], False)
    return Place(row["kiosk"], bool(row["inferred"]))


def move_sale(connection: sqlite3.Connection, move: CardMove, old: str, new: str) -> int:
    """A debit's income from one kiosk's sales to another's, whose proof came later. Its id; AlreadyBooked."""
    why = Why(
        "correction",
        move.reference,
        accounts.kiosk_owner(new),
        clock.now_s(),
        card=move.uid.hex().upper(),
        kiosk=new,
    )
    moves = [
        Move(accounts.open_(connection, accounts.kiosk_owner(old), "sales"), move.change_fen),
        Move(accounts.open_(connection, accounts.kiosk_owner(new), "sales"), -move.change_fen),
    ]
    return posting.post(connection, why, moves)
