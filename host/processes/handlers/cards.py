"""Cards as machines have them issued, and reported lost: one call each, no drawer."""

from typing import Any

from host import fields
from host.cards import registry
from host.cards.desk import Desk
from host.cards.recover import recover
from host.cards.registry import RegistryError
from host.desk import loss
from host.errors import Refused
from host.processes.handlers import at_reader
from host.processes.handlers.asked import Asked, Task
from protocol.card.layout import VALUE_FEN_MAX


def issue_card(asked: Asked) -> dict[str, object]:
    """registry.to_json() of the card."""
    operator, service = asked.operator, asked.service
    content = asked.body("reader", "amount_fen")
    reader = fields.text(content, "reader", 1, 255)
    amount_fen = fields.integer(content, "amount_fen", 0, VALUE_FEN_MAX)
    if amount_fen:
        asked.machine("issue")
    if amount_fen > operator.load_limit_fen:
        sentence = f"amount_fen is above what {operator.name} may load: {operator.load_limit_fen}."
        raise Refused(403, "limit", sentence)
    with at_reader.card(service, reader) as connection:
        return Desk(service.database, service.keeper, connection, operator.owner).issue(amount_fen)


def recover_card(asked: Asked) -> dict[str, Any]:
    """registry.to_json() of the card on a reader, and what was done with it."""
    service = asked.service
    reader = fields.text(asked.body("reader"), "reader", 1, 255)
    with at_reader.card(service, reader) as connection:
        return recover(Desk(service.database, service.keeper, connection, asked.operator.owner))


def report_lost(asked: Asked) -> dict[str, Any]:
    """registry.to_json() of the card; asked twice, done once."""
    who = asked.operator.owner
    uid = fields.uid(asked.fields["uid"])
    asked.not_full()
    with asked.service.database.write() as connection:
        try:
            loss.report(connection, registry.known(connection, uid), who, "reported lost")
        except RegistryError as error:
            raise Refused(409, error.code, str(error)) from None
        answer = registry.to_json(connection, registry.known(connection, uid))
    asked.service.intake.push()
    return answer


HANDLERS: dict[str, Task] = {
    "issue card": issue_card,
    "recover card": recover_card,
    "report lost": report_lost,
}
