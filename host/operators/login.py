"""Logging in with a password: each wrong one makes the next wait longer.

An attempt is counted before the password is looked at, so that many at once, or a process killed in between,
count too; a right one takes the count back.
"""

import secrets

from host import clock
from host.db.connection import Connection
from host.db.engine import Database
from host.errors import Refused
from host.operators import password as passwords
from host.operators.people import ACTIVE, Operator, find, note
from host.operators.tokens import SESSION_S, digest, keep

FREE_FAILURES = 3  # wrong passwords that cost nothing
LOCK_MAX_S = 15 * 60


def authenticate(database: Database, name: str, password: str) -> Operator:
    """Who that is; Refused 401 for a wrong name or password, 429 while the name is locked.

    Opens transactions of its own, with none open while the password is stretched: that takes a while.
    """
    with database.write() as connection:
        row = connection.execute(
            "SELECT password, failures, locked_until_s FROM operators WHERE name = ? AND state = ?",
            (name, ACTIVE),
        ).fetchone()
        if row is not None:
            wait_s = row["locked_until_s"] - clock.now_s()
            if wait_s > 0:
                raise Refused(
                    429, "locked", f"Too many wrong passwords: try again in {wait_s} s, or have it reset."
                )
            failures = row["failures"] + 1
            connection.execute(
                "UPDATE operators SET failures = ?, locked_until_s = ? WHERE name = ?",
                (failures, clock.now_s() + lock_s(failures), name),
            )
    if not passwords.fits(password, None if row is None else row["password"]):
        raise Refused(401, "password", "There is no operator with this name and password.")
    with database.write() as connection:
        connection.execute("UPDATE operators SET failures = 0, locked_until_s = 0 WHERE name = ?", (name,))
        found = find(connection, name)
    if found is None or found.state != ACTIVE:  # disabled in between
        raise Refused(401, "password", "There is no operator with this name and password.")
    return found


def lock_s(failures: int) -> int:
    """How long the next attempt waits after so many wrong ones: 0, then 2, 4, 8 s ... LOCK_MAX_S."""
    if failures < FREE_FAILURES:
        return 0
    return int(min(2 ** min(failures - FREE_FAILURES + 1, 20), LOCK_MAX_S))


def begin_session(connection: Connection, operator: Operator) -> tuple[str, int]:
    """(its token, when it expires)"""
    token, expires_at_s = secrets.token_urlsafe(32), clock.now_s() + SESSION_S
    keep(connection, operator.name, token, expires_at_s)
    note(connection, operator.name, "login", "", operator.owner)
    return token, expires_at_s


def end_session(connection: Connection, token: str) -> None:
    """Log out; a machine's token stays."""
    row = connection.execute(
        "UPDATE operator_tokens SET ended_at_s = ? WHERE sha256 = ? AND expires_at_s IS NOT NULL"
        " AND ended_at_s IS NULL RETURNING operator",
        (clock.now_s(), digest(token)),
    ).fetchone()
    if row is not None:
        note(connection, row["operator"], "logout", "", f"operator:{row['operator']}")
