"""Acts at a desk, each a call of its own with its right."""

from functools import partial
from typing import Any

from host.desk import table
from host.desk.acts import Counter
from host.processes.handlers import at_reader
from host.processes.handlers.asked import Asked, Task


def _do(name: str, asked: Asked) -> dict[str, Any]:
    """The act's answer; {"waits": approval} while a second person is asked."""
    service = asked.service
    asked.not_full()
    counter = Counter(
        service.database,
        service.keeper,
        partial(at_reader.card, service),
        service.intake.push,
        partial(at_reader.look, service),
    )
    content = asked.fields.get("body")
    given = content if isinstance(content, dict) else {}
    return table.do(counter, asked.operator, name, asked.fields.get("key"), given)


HANDLERS: dict[str, Task] = {f"desk {name}": partial(_do, name) for name in table.DOING}
