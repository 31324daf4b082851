"""Bringing a card to a known state that was pulled, or whose host was killed, at any command.

The books know first: what was begun is pending there. So the books say what the card should be, the card
proves what it is, and this makes the one the other: a pending life is finished, a pending top-up or refund
settled.
"""

from typing import Any

from host.cards import account, registry
from host.cards.desk import Desk
from host.cards.observation import Ended, observe
from host.cards.registry import RegistryError
from host.ledger import loads


def recover(desk: Desk) -> dict[str, Any]:
    """Of the card on the desk's reader: registry.to_json() of it, `did`, a sentence, and `settled`, sales
    that kiosks left open: [{kiosk, epoch, counter, amount_fen, paid}].

    Doing it again changes nothing. RegistryError for a card that the books do not know or whose life is over;
    NotPersonalisable, CardError, CardGone, LoadUnknown as issuing and loading raise them.
    """
    uid = desk.connection.uid
    with desk.database.read() as connection:
        card = registry.newest(connection, uid)
        waiting = card is not None and bool(loads.pending_loads(connection, uid, card.issue))
    if card is None:
        raise RegistryError(
            "unknown-card", f"Card {uid.hex().upper()} is not in the books: issue it as a blank one."
        )
    ended: list[Ended] = []
    if card.kind == registry.ACCOUNT and card.state == "pending":
        with desk.database.read() as connection:
            base = account.url_base(connection)
        account.finish(desk.database, desk.keeper, desk.connection, desk.who, card, base)
        did = f"Card {card.number} was finished: it is active and holds nothing."
    elif card.kind != registry.PURSE and card.state == "active":
        did = "Nothing was open: its money is in the books alone."
    elif card.state == "pending":
        desk.finish(card)
        did = f"Card {card.number} was finished: it is active and holds nothing."
    elif card.state == "active":
        ended = observe(desk.database, desk.keeper, desk.connection, card, desk.who)
        desk.load(card, 0)
        did = "What was open is settled." if waiting or ended else "Nothing was open: card and books agree."
    else:
        raise RegistryError(
            "card-state", f"Card {card.uid_hex} is {card.state}: there is nothing to be finished."
        )
    with desk.database.read() as connection:
        found = registry.find(connection, uid, card.issue)
        assert found is not None
        settled = [one._asdict() for one in ended]
        return registry.to_json(connection, found) | {"did": did, "settled": settled}
