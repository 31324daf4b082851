"""Tokens: a machine's, which stay, and those of sessions, which expire. Only their SHA-256 is kept."""

import hashlib

from host import clock
from host.db.connection import Connection
from host.errors import HostError, Refused
from host.operators.people import ACTIVE, Operator, find, note

SESSION_S = 12 * 3600  # a long shift


def by_token(connection: Connection, token: str) -> Operator | None:
    """Whose token it is; None when it is nobody's, has expired or ended, or its operator is disabled."""
    row = connection.execute(
        "SELECT operator FROM operator_tokens WHERE sha256 = ? AND ended_at_s IS NULL"
        " AND (expires_at_s IS NULL OR expires_at_s > ?)",
        (digest(token), clock.now_s()),
    ).fetchone()
    found = None if row is None else find(connection, row["operator"])
    return found if found is not None and found.state == ACTIVE else None


def must_be(connection: Connection, token: object) -> Operator:
    """The same; Refused 401 for nobody's."""
    operator = by_token(connection, token) if isinstance(token, str) else None
    if operator is None:
        raise Refused(401, "token", "Log in, or send a machine's token: Authorization: Bearer TOKEN.")
    return operator


def give_token(connection: Connection, name: str, token: str, who: str) -> None:
    """A machine's token from now on; its former ones end. HostError for a person."""
    operator = find(connection, name)
    if operator is None or not operator.is_machine:
        raise HostError(f"{name} is no machine: a person logs in with a password.")
    connection.execute(
        "UPDATE operator_tokens SET ended_at_s = ? WHERE operator = ? AND ended_at_s IS NULL",
        (clock.now_s(), name),
    )
    keep(connection, name, token, None)
    note(connection, name, "token", "", who)


def keep(connection: Connection, name: str, token: str, expires_at_s: int | None) -> None:
    """A row for this token."""
    connection.execute(
        "INSERT INTO operator_tokens (sha256, operator, made_at_s, expires_at_s) VALUES (?, ?, ?, ?)",
        (digest(token), name, clock.now_s(), expires_at_s),
    )


def digest(token: str) -> bytes:
    """As it is kept."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
