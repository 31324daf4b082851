"""What the intake does for the web: one handler a call of host.intercom.calls, in a module for each domain.

The web process has no right of its own: a call carries the operator's token, and here, where the keys and
the books are, it is read whose it is and whether he may (the call's right). A module adds its calls by its
name in MODULES, its dict HANDLERS, and a line for each in host.intercom.calls.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from host import operators
from host.intercom.calls import CALLS, Call
from host.intercom.server import Handler
from host.processes.handlers import cards, desk, kinds, kiosks, logins, pairing, state, till, waiting
from host.processes.handlers.asked import Asked, Task
from host.service import Service

MODULES = (state, logins, kiosks, pairing, cards, desk, kinds, waiting, till)


def table(service: Service) -> Mapping[str, Handler]:
    """{name of the call: its handler}, each behind its right."""
    made: dict[str, Handler] = {}
    for module in MODULES:
        for name, task in module.HANDLERS.items():
            assert name not in made, f"two handlers of “{name}”"
            made[name] = partial(_run, service, CALLS[name], task)
    return made


def _run(service: Service, call: Call, task: Task, fields: dict[str, Any]) -> Any:
    if call.right is None:
        return task(Asked(service, fields))
    with service.database.read() as connection:
        operator = operators.must_be(connection, fields.get("token"))
    operators.must(operator, call.right)
    return task(Asked(service, fields, operator))
