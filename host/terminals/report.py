"""A report of a kiosk, the books' answer to it, and the place for those that are no fact."""

import hashlib
import sqlite3
from dataclasses import dataclass
from typing import Any

from host import clock
from host.ledger import accounts
from host.terminals.kiosks import Kiosk


class Report:
    """One authentic message of a kiosk, most often a report. Never changed; a plain class: quick to make.

    values are the fields by name, encoded is the content that its number stands for, [kind, body] in CBOR,
    and digest is its SHA-256.
    """

    __slots__ = ("counter", "digest", "encoded", "epoch", "kind", "kiosk", "values")

    def __init__(
        self, kiosk: Kiosk, epoch: int, counter: int, kind: int, values: dict[str, Any], encoded: bytes
    ) -> None:
        self.kiosk = kiosk
        self.epoch = epoch
        self.counter = counter
        self.kind = kind
        self.values = values
        self.encoded = encoded
        self.digest = hashlib.sha256(encoded).digest()

    @property
    def name(self) -> str:
        """K1 1.7, as people see it."""
        return f"{self.kiosk.name} {self.epoch}.{self.counter}"


@dataclass(frozen=True)
class Answer:
    """The verdict: what an acknowledgement says of a report."""

    code: int
    balance_fen: int


def keep_suspect(connection: sqlite3.Connection, report: Report, answer: Answer, reason: str) -> None:
    """Store an authentic message apart, once."""
    connection.execute(
        "INSERT INTO suspects (kiosk, epoch, counter, kind, sha256, body, uid, issue, tmc, code, balance_fen,"
        " reason, received_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            report.kiosk.number,
            report.epoch,
            report.counter,
            report.kind,
            report.digest,
            report.encoded,
            report.values.get("uid"),
            report.values.get("issue"),
            report.values.get("tmc"),
            answer.code,
            answer.balance_fen,
            reason,
            clock.now_s(),
        ),
    )


def suspects(connection: sqlite3.Connection, before: int, limit: int) -> list[sqlite3.Row]:
    """Rows of what is kept apart with id below `before`, newest first, with the kiosk's name."""
    return connection.execute(
        "SELECT s.*, k.name FROM suspects s JOIN kiosks k ON k.number = s.kiosk WHERE s.id < ?"
        " ORDER BY s.id DESC LIMIT ?",
        (before, limit),
    ).fetchall()


def shadow(connection: sqlite3.Connection, uid: bytes, issue: int) -> int:
    """The card's shadow for the kiosk's screen; 0 for a card without an account."""
    return accounts.card_balance(connection, uid, issue) or 0
