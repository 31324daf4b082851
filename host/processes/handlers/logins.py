"""Operators log in and out."""

from typing import Any

from host import fields, operators
from host.operators.password import PASSWORD_MAX
from host.operators.people import NAME_MAX
from host.processes.handlers.asked import Asked, Task


def login(asked: Asked) -> dict[str, Any]:
    """{token, expires_s, operator: name, roles, rights, load_limit_fen, refund_limit_fen}"""
    content = asked.body("name", "password")
    name = fields.text(content, "name", 1, NAME_MAX)
    password = fields.text(content, "password", 1, PASSWORD_MAX)
    operator = operators.authenticate(asked.service.database, name, password)
    with asked.service.database.write() as connection:
        token, expires_s = operators.begin_session(connection, operator)
    return {"token": token, "expires_s": expires_s, **operator.to_json()}


def logout(asked: Asked) -> bool:
    """The session of this token ends; a machine's token stays."""
    with asked.service.database.write() as connection:
        operators.end_session(connection, str(asked.fields["token"]))
    return True


HANDLERS: dict[str, Task] = {"login": login, "logout": logout}
