"""Operators: who may act on the books from a desk, known by a token of which only the hash is kept."""

import hashlib
from dataclasses import dataclass

from host import clock
from host.db.connection import Connection
from host.errors import Refused
from host.ledger import chart


@dataclass(frozen=True)
class Operator:
    """A person at a desk; load_limit_fen: how much one top-up may be."""

    name: str
    load_limit_fen: int

    @property
    def owner(self) -> str:
        """The name in the books."""
        return chart.operator_owner(self.name)


def add(connection: Connection, name: str, token: str, load_limit_fen: int) -> None:
    """A new operator."""
    connection.execute(
        "INSERT INTO operators (name, token_sha256, load_limit_fen, made_at_s) VALUES (?, ?, ?, ?)",
        (name, _digest(token), load_limit_fen, clock.now_s()),
    )


def by_token(connection: Connection, token: str) -> Operator | None:
    """Whose token it is."""
    row = connection.execute(
        "SELECT name, load_limit_fen FROM operators WHERE token_sha256 = ?", (_digest(token),)
    ).fetchone()
    return None if row is None else Operator(**row)


def must_be(connection: Connection, token: object) -> Operator:
    """The same; Refused for nobody's."""
    operator = by_token(connection, token) if isinstance(token, str) else None
    if operator is None:
        raise Refused(401, "token", "Send an operator's token: Authorization: Bearer TOKEN.")
    return operator


def any_there(connection: Connection) -> bool:
    """Was init finished?"""
    return connection.execute("SELECT 1 FROM operators").fetchone() is not None


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
