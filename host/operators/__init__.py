"""Operators: who may act on the books, and what.

A person logs in with a password and gets the token of a session; a machine has a token that stays. Of
tokens only the hash is kept. What a role may do stands in one table (roles); each change of an operator is a
row with who and when (operator_changes).
"""

from host.operators.login import authenticate, begin_session, end_session
from host.operators.people import (
    MACHINE,
    Operator,
    add,
    any_there,
    change,
    everybody,
    find,
    may,
    must,
)
from host.operators.tokens import by_token, give_token, must_be

__all__ = [
    "MACHINE",
    "Operator",
    "add",
    "any_there",
    "authenticate",
    "begin_session",
    "by_token",
    "change",
    "end_session",
    "everybody",
    "find",
    "give_token",
    "may",
    "must",
    "must_be",
]
