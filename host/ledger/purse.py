"""Purse cards in the books: what a card itself committed, known by (UID, issue, TMC) once and for ever."""

import sqlite3
from dataclasses import dataclass

from host.ledger import accounts, posting
from host.ledger.posting import Move, Why


@dataclass(frozen=True)
class CardMove:
    """One committed change of a card: change_fen below zero is a debit; tmc is the counter after it."""

    uid: bytes
    issue: int
    tmc: int
    change_fen: int
    value_after_fen: int

    @property
    def reference(self) -> str:
        """UID.issue.TMC"""
        return f"{self.uid.hex().upper()}.{self.issue}.{self.tmc}"


def known_move(connection: sqlite3.Connection, uid: bytes, issue: int, tmc: int) -> CardMove | None:
    """What the books hold for this counter of this card."""
    row = connection.execute(
        "SELECT change_fen, value_after_fen FROM card_moves WHERE uid = ? AND issue = ? AND tmc = ?",
        (uid, issue, tmc),
    ).fetchone()
    return None if row is None else CardMove(uid, issue, tmc, row["change_fen"], row["value_after_fen"])


def last_move(connection: sqlite3.Connection, uid: bytes, issue: int) -> CardMove | None:
    """The move with the highest counter."""
    row = connection.execute(
        "SELECT tmc, change_fen, value_after_fen FROM card_moves WHERE uid = ? AND issue = ?"
        " ORDER BY tmc DESC LIMIT 1",
        (uid, issue),
    ).fetchone()
    return (
        None if row is None else CardMove(uid, issue, row["tmc"], row["change_fen"], row["value_after_fen"])
    )


def has_gap(connection: sqlite3.Connection, uid: bytes, issue: int) -> bool:
    """Is a counter missing below the highest one? Needs no walk: counters are unique and start at 1."""
    row = connection.execute(
        "SELECT count(*) AS known, coalesce(max(tmc), 0) AS last FROM card_moves WHERE uid = ? AND issue = ?",
        (uid, issue),
    ).fetchone()
    return bool(row["known"] != row["last"])


def book_sale(
    connection: sqlite3.Connection, kind: str, move: CardMove, kiosk: str, happened_s: int, known: bool
) -> int:
    """A debit that the card committed at a kiosk: card (or suspense, for a card we do not know) -> sales.

    kind: "sale" or "settlement". Its id; AlreadyBooked when the books hold this counter.
    """
    if known_move(connection, move.uid, move.issue, move.tmc) is not None:
        raise posting.AlreadyBooked(f"the books hold {move.reference}")
    if known:
        payer = accounts.open_(connection, accounts.card_owner(move.uid, move.issue), "card")
    else:
        payer = accounts.open_(connection, accounts.HOUSE, "suspense")
    earned = accounts.open_(connection, accounts.kiosk_owner(kiosk), "sales")
    who = accounts.kiosk_owner(kiosk)
    why = Why(kind, move.reference, who, happened_s, card=move.uid.hex().upper(), kiosk=kiosk)
    moves = [Move(payer, move.change_fen), Move(earned, -move.change_fen)]
    transaction_id = posting.post(connection, why, moves, by_report=True)
    _record(connection, move, transaction_id)
    return transaction_id


def plan_load(connection: sqlite3.Connection, move: CardMove, who: str, at_s: int) -> int:
    """Cash taken for a top-up whose commit is about to be sent: cash -> card, pending. Its id."""
    attempts = connection.execute(
        "SELECT count(*) AS n FROM card_loads WHERE uid = ? AND issue = ?", (move.uid, move.issue)
    ).fetchone()["n"]
    cash = accounts.open_(connection, accounts.HOUSE, "cash")
    card = accounts.open_(connection, accounts.card_owner(move.uid, move.issue), "card")
    why = Why("load", f"{move.reference}.{attempts + 1}", who, at_s, card=move.uid.hex().upper())
    moves = [Move(card, move.change_fen), Move(cash, -move.change_fen)]
    transaction_id = posting.plan(connection, why, moves)
    connection.execute(
        "INSERT INTO card_loads (transaction_id, uid, issue, tmc, amount_fen, value_after_fen)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (transaction_id, move.uid, move.issue, move.tmc, move.change_fen, move.value_after_fen),
    )
    return transaction_id


def post_load(connection: sqlite3.Connection, transaction_id: int, move: CardMove, who: str) -> None:
    """The card proved the top-up: post it and take its counter into the books."""
    posting.post_planned(connection, transaction_id, who)
    _record(connection, move, transaction_id)


def pending_loads(connection: sqlite3.Connection, uid: bytes, issue: int) -> list[tuple[int, CardMove]]:
    """Top-ups of which nobody knows yet whether the card committed them: [(transaction id, move)]."""
    rows = connection.execute(
        "SELECT l.transaction_id, l.tmc, l.amount_fen, l.value_after_fen FROM card_loads l"
        " WHERE l.uid = ? AND l.issue = ? AND NOT EXISTS (SELECT 1 FROM transaction_states s"
        " WHERE s.transaction_id = l.transaction_id AND s.state <> 'pending') ORDER BY l.transaction_id",
        (uid, issue),
    )
    return [
        (row["transaction_id"], CardMove(uid, issue, row["tmc"], row["amount_fen"], row["value_after_fen"]))
        for row in rows
    ]


def _record(connection: sqlite3.Connection, move: CardMove, transaction_id: int) -> None:
    connection.execute(
        "INSERT INTO card_moves (uid, issue, tmc, change_fen, value_after_fen, transaction_id)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (move.uid, move.issue, move.tmc, move.change_fen, move.value_after_fen, transaction_id),
    )


def void_load(connection: sqlite3.Connection, transaction_id: int, who: str) -> None:
    """The card did not commit the top-up and never will."""
    posting.void_planned(connection, transaction_id, who)
