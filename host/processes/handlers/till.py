"""What a till asks of a kiosk: to take an amount, and to leave that."""

from typing import Any

from host import fields
from host.desk.acts import must_be_a_key
from host.errors import Refused
from host.processes.handlers.asked import Asked, Task
from host.terminals.fleet import configs, revoked
from host.terminals.fleet.configs import Config
from host.terminals.sales import till, till_orders
from protocol.wire import messages

MODE = "till"
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
    kiosk = service.kiosks.find(name)
    with service.database.read() as connection:
        known = till_orders.by_key(connection, who, key)
        config = None if kiosk is None else configs.newest(connection, kiosk.number)[1]
        is_revoked = kiosk is not None and kiosk.number in revoked.numbers(connection)
    if kiosk is None or config is None:
        raise Refused(404, "unknown-kiosk", f"There is no kiosk {name[:40]}.")
    if known is None and is_revoked:
        raise Refused(409, "kiosk-revoked", f"{name} is revoked: nothing is asked, nothing is taken.")
    if known is None:
        _may_ask(service.line.is_present(name), name, config, amount_fen)
    asked.not_full()
    with service.database.write() as connection:
        order = till.create(connection, kiosk, who, key, amount_fen, reference, lasts_s)
        answer = till_orders.to_json(connection, order)
    service.intake.push(kiosk.number)
    return answer


def _may_ask(is_present: bool, name: str, config: Config, amount_fen: int) -> None:
    if config.mode != MODE:
        raise Refused(
            409, "mode", f"{name} works in mode {config.mode}: configure it with mode {MODE} first."
        )
    if amount_fen > config.max_fen:
        raise Refused(409, "limit", f"{name} takes at most {config.max_fen} fen at once.")
    if not is_present:
        raise Refused(409, "kiosk-offline", f"{name} is not connected: nothing is asked, nothing is taken.")


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
