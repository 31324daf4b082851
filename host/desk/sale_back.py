"""The last sale of a card goes back to the card: no cash moves."""

from typing import Any

from host.cards import last_sale, registry
from host.cards.refunds import Refunds
from host.desk import approvals, looking
from host.desk.acts import Act, Counter
from host.errors import Refused


def refund_sale(counter: Counter, act: Act) -> dict[str, Any]:
    """looking.card() and given_fen; a sale is given back once, whoever asks again."""
    sale, wanted_fen = act.asked["last_sale"], act.asked.get("amount_fen")
    with counter.reader(act.asked["reader"]) as there:
        with counter.database.read() as connection:
            card = registry.known(connection, there.uid)
            took_fen = last_sale.took(connection, card, sale)
            given_fen = last_sale.given_back(connection, card, sale)
        if given_fen is None:
            asked_fen = took_fen if wanted_fen is None else wanted_fen
            if asked_fen > took_fen:
                raise Refused(400, "field", f"amount_fen must be at most what the sale took: {took_fen}.")
            limit_fen = act.operator.refund_limit_fen
            approvals.above(counter.database, act, "refund", limit_fen, card.uid_hex, asked_fen)
            given_fen = Refunds(counter.database, counter.keeper, there, act.who).refund(
                card, sale, asked_fen
            )
    with counter.database.read() as connection:
        return looking.card(connection, registry.known(connection, card.uid)) | {"given_fen": given_fen}
