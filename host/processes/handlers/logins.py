"""Operators log in and out."""

import threading
from typing import Any

from host import fields, operators
from host.errors import Refused
from host.operators.password import PASSWORD_MAX
from host.operators.people import NAME_MAX
from host.processes.handlers.asked import Asked, Task

AT_ONCE = 4  # passwords are stretched one after the other: whoever floods us with them holds no more threads
PLACES = threading.BoundedSemaphore(AT_ONCE)


def login(asked: Asked) -> dict[str, Any]:
    """{token, expires_s, operator: name, roles, rights, load_limit_fen, refund_limit_fen}"""
    content = asked.body("name", "password")
    name = fields.text(content, "name", 1, NAME_MAX)
    password = fields.text(content, "password", 1, PASSWORD_MAX)
    if not PLACES.acquire(blocking=False):
        raise Refused(429, "busy", "Too many log in at once: wait a moment, then try again.")
    try:
        operator = operators.authenticate(asked.service.database, name, password)
    finally:
        PLACES.release()
    with asked.service.database.write() as connection:
        token, expires_s = operators.begin_session(connection, operator)
    return {"token": token, "expires_s": expires_s, **operator.to_json()}


def logout(asked: Asked) -> bool:
    """The session of this token ends; a machine's token stays."""
    with asked.service.database.write() as connection:
        operators.end_session(connection, str(asked.fields["token"]))
    return True


HANDLERS: dict[str, Task] = {"login": login, "logout": logout}
