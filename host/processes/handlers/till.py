"""What a till asks of a kiosk: to take an amount, and to leave that."""

from typing import Any

from host import fields
from host.desk.acts import must_be_a_key
from host.errors import Refused
from host.processes.handlers.asked import Asked, Task
from host.terminals import till, till_orders
from protocol.wire import messages

LASTS_S, LASTS_S_MIN, LASTS_S_MAX = 120, 10, 900
REFERENCE_MAX = 64


def charge(asked: Asked) -> dict[str, Any]:
    """till_orders.to_json(); the same for the same key."""
    service, name = asked.service, str(asked.fields["kiosk"])
    content = asked.body("amount_fen", "reference", "lasts_s")
    key = must_be_a_key(asked.fields.get("key"))
    amount_fen = fields.integer(content, "amount_fen", 1, messages.AMOUNT_FEN_MAX)
    reference = fields.text(content, "reference", 0, REFERENCE_MAX, "")
    lasts_s = fields.integer(content, "lasts_s", LASTS_S_MIN, LASTS_S_MAX, LASTS_S)
    who = asked.operator.name
    with service.database.read() as connection:
        known = till_orders.by_key(connection, who, key)
    kiosk = service.kiosks.find(name)
    if kiosk is None:
        raise Refused(404, "unknown-kiosk", f"There is no kiosk {name[:40]}.")
    if known is None and not service.line.is_present(name):
        raise Refused(
            409, "kiosk-offline", f"{name} is not connected: it is asked nothing, nothing is taken."
        )
    asked.not_full()
    with service.database.write() as connection:
        order = till.create(connection, kiosk, who, key, amount_fen, reference, lasts_s)
        answer = till_orders.to_json(connection, order)
    service.intake.push(kiosk.number)
    return answer


def cancel(asked: Asked) -> dict[str, Any]:
    """The same; whether it came in time the kiosk decides."""
    service, name = asked.service, str(asked.fields["kiosk"])
    with service.database.write() as connection:
        order = till_orders.find(connection, name, int(asked.fields["order"]))
        if till_orders.standing(connection, order).state in (*till_orders.OPEN, till_orders.UNKNOWN):
            till.cancel(connection, order, asked.operator.name)
        answer = till_orders.to_json(connection, till_orders.find(connection, name, order.id))
    service.intake.push(order.kiosk)
    return answer


HANDLERS: dict[str, Task] = {"charge": charge, "cancel charge": cancel}
