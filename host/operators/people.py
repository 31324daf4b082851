"""Operators as the books keep them, and the history of their changes."""

import re
from dataclasses import dataclass
from typing import Any

from host import clock
from host.db.connection import Connection, Row
from host.errors import HostError, Refused
from host.ledger import chart
from host.operators.roles import RIGHTS, ROLES

NAME_MAX = 32
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
MACHINE = "machine"  # the role of a program with a token; no person has it
ACTIVE, DISABLED = "active", "disabled"
LIMIT_FEN_MAX = 10**9
_COLUMNS = "name, roles, load_limit_fen, refund_limit_fen, state, password"


@dataclass(frozen=True)
class Operator:
    """Who acts. *_limit_fen: how much one act may be without a second person."""

    name: str
    roles: tuple[str, ...]
    load_limit_fen: int
    refund_limit_fen: int
    state: str = ACTIVE

    @property
    def owner(self) -> str:
        """The name in the books."""
        return chart.operator_owner(self.name)

    @property
    def is_machine(self) -> bool:
        """A program with a token that stays: it has no password, no drawer, and approves nothing."""
        return MACHINE in self.roles

    @property
    def rights(self) -> frozenset[str]:
        """Of all its roles; none while disabled."""
        if self.state != ACTIVE:
            return frozenset()
        return frozenset().union(*(ROLES[role] for role in self.roles))

    def to_json(self) -> dict[str, Any]:
        """{operator, roles, rights, load_limit_fen, refund_limit_fen, state}"""
        return {
            "operator": self.name,
            "roles": list(self.roles),
            "rights": sorted(self.rights),
            "load_limit_fen": self.load_limit_fen,
            "refund_limit_fen": self.refund_limit_fen,
            "state": self.state,
        }


def may(operator: Operator, right: str) -> bool:
    """Has this operator this right? KeyError for a right that is none."""
    return bool(RIGHTS[right]) and right in operator.rights


def must(operator: Operator, right: str) -> None:
    """Refused 403 unless he has."""
    if not may(operator, right):
        roles = " or ".join(role for role, rights in ROLES.items() if right in rights and role != MACHINE)
        raise Refused(403, "right", f"{operator.name} may not {RIGHTS[right]}: ask somebody who is {roles}.")


def find(connection: Connection, name: str) -> Operator | None:
    """The operator of this name, disabled or not."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM operators WHERE name = ?", (name,)).fetchone()
    return None if row is None else _operator(row)


def everybody(connection: Connection) -> list[Operator]:
    """All operators by name."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM operators ORDER BY name")
    return [_operator(row) for row in rows]


def any_there(connection: Connection) -> bool:
    """Was init finished?"""
    return connection.execute("SELECT 1 FROM operators").fetchone() is not None


def add(connection: Connection, operator: Operator, password: str | None, who: str) -> None:
    """A new operator; password: made by host.operators.password, None for a machine. HostError."""
    _must_be_sound(operator)
    if (password is None) != operator.is_machine:
        raise HostError("A person has a password, a machine has a token instead.")
    if find(connection, operator.name) is not None:
        raise HostError(f"There is an operator {operator.name} already: reset, or choose another name.")
    connection.execute(
        f"INSERT INTO operators ({_COLUMNS}, failures, locked_until_s, made_at_s)"
        " VALUES (?, ?, ?, ?, ?, ?, 0, 0, ?)",
        (
            *(operator.name, ",".join(operator.roles), operator.load_limit_fen, operator.refund_limit_fen),
            *(operator.state, password, clock.now_s()),
        ),
    )
    note(connection, operator.name, "added", _terms(operator), who)


def change(connection: Connection, operator: Operator, who: str, password: str | None = None) -> None:
    """These roles, limits and this state from now on; password: a new one as PHC. All sessions end, and what
    was locked is open again. HostError."""
    _must_be_sound(operator)
    before = find(connection, operator.name)
    if before is None:
        raise HostError(f"There is no operator {operator.name}: see `tapledger operators list`.")
    if before.is_machine != operator.is_machine or (password is not None and operator.is_machine):
        raise HostError("A machine stays a machine, without a password: add another operator.")
    connection.execute(
        "UPDATE operators SET roles = ?, load_limit_fen = ?, refund_limit_fen = ?, state = ?,"
        " password = coalesce(?, password), failures = 0, locked_until_s = 0 WHERE name = ?",
        (
            *(",".join(operator.roles), operator.load_limit_fen, operator.refund_limit_fen),
            *(operator.state, password, operator.name),
        ),
    )
    connection.execute(
        "UPDATE operator_tokens SET ended_at_s = ? WHERE operator = ? AND expires_at_s IS NOT NULL"
        " AND ended_at_s IS NULL",
        (clock.now_s(), operator.name),
    )
    if operator != before:
        note(connection, operator.name, "changed", _terms(operator), who)
    if password is not None:
        note(connection, operator.name, "password", "", who)


def note(connection: Connection, name: str, what: str, detail: str, who: str) -> None:
    """A row of the history."""
    connection.execute(
        "INSERT INTO operator_changes (operator, what, detail, who, at_s) VALUES (?, ?, ?, ?, ?)",
        (name, what, detail, who, clock.now_s()),
    )


def history(connection: Connection) -> list[str]:
    """Every change, a line each, oldest first; logins and logouts are not among them."""
    rows = connection.execute(
        "SELECT operator, what, detail, who, at_s FROM operator_changes"
        " WHERE what NOT IN ('login', 'logout') ORDER BY id"
    )
    return [
        " ".join(f"{clock.text(at_s)} {name} {what} {detail} by {who}".split())
        for name, what, detail, who, at_s in rows
    ]


def _terms(operator: Operator) -> str:
    return (
        f"{operator.state}; {', '.join(operator.roles)}; loads up to {operator.load_limit_fen} fen, "
        f"refunds up to {operator.refund_limit_fen} fen"
    )


def _must_be_sound(operator: Operator) -> None:
    if not NAME.fullmatch(operator.name):
        raise HostError(f"A name is 1 to {NAME_MAX} ASCII letters, digits, dots, - or _.")
    if not operator.roles or not set(operator.roles) <= set(ROLES):
        raise HostError(f"Roles are of {', '.join(ROLES)}; at least one.")
    if operator.is_machine and len(operator.roles) > 1:
        raise HostError("A machine has no other role.")
    if operator.state not in (ACTIVE, DISABLED):
        raise HostError(f"A state is {ACTIVE} or {DISABLED}.")
    for limit_fen in (operator.load_limit_fen, operator.refund_limit_fen):
        if type(limit_fen) is not int or not 0 <= limit_fen <= LIMIT_FEN_MAX:
            raise HostError(f"A limit is a whole number of fen from 0 to {LIMIT_FEN_MAX}.")


def _operator(row: Row) -> Operator:
    return Operator(
        row["name"],
        tuple(row["roles"].split(",")),
        row["load_limit_fen"],
        row["refund_limit_fen"],
        row["state"],
    )
