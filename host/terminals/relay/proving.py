"""Does the very card lie there that a terminal's request names? What it holds is another question."""

import secrets
from collections.abc import Callable, Mapping

from host.cards import registry
from host.cards.keeper import Keeper
from host.cards.payers import NotPaying, Payers
from host.cards.readers import CardConnection, CardGone, ReaderError
from host.cards.registry import Card
from host.terminals.relay.session import Session
from protocol.card import apdu, layout, purse
from protocol.card.apdu import CardError
from protocol.card.purse import NotOurs

Provers = Mapping[
    str, Callable[[Card, CardConnection], None]
]  # by registry.Card.kind; they raise as payers do


def provers(payers: Payers, keeper: Keeper) -> Provers:
    """Of all kinds: a purse answers under the key that only card and host hold."""

    def of_purse(card: Card, connection: CardConnection) -> None:
        key = keeper.card_key("credit", card.uid, card.key_version)
        asked = purse.authenticate(layout.KEY_CREDIT, key, secrets.token_bytes(16))
        apdu.run(asked, connection.send_and_receive)

    return {registry.PURSE: of_purse, **{kind: payer.prove for kind, payer in payers.items()}}


def refusal(known: Provers, card: Card | None, session: Session) -> str:
    """Why it is not the card, or nobody can say: a word for the terminal's screen; '' when it is the one."""
    if card is None or card.kind not in known:
        return "unknown"
    try:
        known[card.kind](card, session)
    except NotPaying as refused:
        return refused.reason
    except (CardGone, ReaderError):
        return "early"
    except (CardError, NotOurs):
        return "unreadable"
    return ""
