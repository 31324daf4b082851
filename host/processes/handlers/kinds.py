"""Account and plain cards: made, loaded, named by a message, with limits and PINs."""

from typing import Any

from host import fields
from host.cards import account, identify, pins, plain, registry
from host.cards.identify import SunRefused
from host.cards.registry import ACCOUNT, PLAIN, Card, RegistryError
from host.db.connection import Connection
from host.errors import Refused
from host.ledger import held
from host.ledger.books import book
from host.ledger.chart import HOUSE
from host.ledger.terms import AlreadyBooked
from host.operators import must
from host.processes.handlers import at_reader
from host.processes.handlers.asked import Asked, Task
from protocol.card.sun import URL_MAX

LOAD_FEN_MAX = 10_000_000


def issue_account_card(asked: Asked) -> dict[str, Any]:
    """registry.to_json() of the card on a reader."""
    service = asked.service
    reader = fields.text(asked.body("reader"), "reader", 1, 255)
    with service.database.read() as connection:
        base = account.url_base(connection)
    with at_reader.card(service, reader) as there:
        return account.issue(service.database, service.keeper, there, asked.operator.owner, base)


def register_plain_card(asked: Asked) -> dict[str, Any]:
    """registry.to_json() of the card on a reader, or of the UID that was typed."""
    content = asked.body("reader", "uid", "number")
    number = fields.text(content, "number", 1, 32) if "number" in content else None
    if ("reader" in content) == ("uid" in content):
        raise Refused(400, "field", "Name the reader where the card lies, or its uid: one of both.")
    if "uid" in content:
        uid = fields.uid(content["uid"])
    else:
        uid = at_reader.look(asked.service, fields.text(content, "reader", 1, 255))
    try:
        with book(asked.service.database) as books:
            card = plain.register(books, uid, asked.operator.owner, number)
            return registry.to_json(books.connection, card)
    except RegistryError as error:
        raise Refused(409, error.code, str(error)) from None


def identify_card(asked: Asked) -> dict[str, Any]:
    """registry.to_json() of the card whose message this is; once for each message."""
    url = fields.text(asked.body("url"), "url", 1, URL_MAX)
    service = asked.service
    try:
        card = identify.identify(service.database, service.keeper, url)
    except SunRefused as error:
        raise Refused(409, error.code, str(error)) from None
    with service.database.read() as connection:
        return registry.to_json(connection, card)


def load_card(asked: Asked) -> dict[str, Any]:
    """Cash of the house -> a card that holds no money itself; the same key again does nothing more."""
    operator = asked.machine("top-up")
    content = asked.body("amount_fen", "key")
    amount_fen = fields.integer(content, "amount_fen", 1, LOAD_FEN_MAX)
    key = fields.text(content, "key", 1, 64)
    if amount_fen > operator.load_limit_fen:
        sentence = f"amount_fen is above what {operator.name} may load: {operator.load_limit_fen}."
        raise Refused(403, "limit", sentence)
    with book(asked.service.database) as books:
        card = _card(books.connection, asked, ACCOUNT, PLAIN)
        if card.state != "active":
            raise Refused(409, "card-state", f"Card {card.uid_hex} is {card.state}; it is not loaded.")
        reference = f"{operator.owner}:{key}"
        try:
            held.load(books, card.uid, card.issue, amount_fen, HOUSE, operator.owner, reference)
        except AlreadyBooked:
            if held.loaded(books, reference) != (held.open_(books, card.uid, card.issue), amount_fen):
                raise Refused(409, "key-used", f"The key {key} was used for another top-up.") from None
        books.flush()
        return registry.to_json(books.connection, card)


def set_terms(asked: Asked) -> dict[str, Any]:
    """pin: 4 to 8 digits, null for none; unblock: true; daily_fen. What is not named stays."""
    content = asked.body("pin", "unblock", "daily_fen")
    who = asked.operator.owner
    with asked.service.database.write() as connection:
        card = _card(connection, asked, PLAIN)
        try:
            if "daily_fen" in content:
                daily_fen = fields.integer(content, "daily_fen", 0, plain.DAILY_FEN_MAX)
                if daily_fen > plain.daily_of_the_house(connection):
                    must(asked.operator, "approve")
                plain.set_daily(connection, card, daily_fen, who)
            if "pin" in content:
                pin = content["pin"]
                pins.set_(connection, card, None if pin is None else fields.text(content, "pin", 4, 8), who)
            if content.get("unblock") is True:
                pins.unblock(connection, card, who)
        except RegistryError as error:
            raise Refused(400, error.code, str(error)) from None
        return registry.to_json(connection, card) | {
            "daily_fen": plain.daily_fen(connection, card),
            "wrong_pins": pins.wrong_tries(connection, card),
        }


def _card(connection: Connection, asked: Asked, *kinds: str) -> Card:
    card = registry.known(connection, fields.uid(asked.fields["uid"]))
    if card.kind not in kinds:
        raise Refused(409, "card-kind", f"Card {card.uid_hex} is a {card.kind} card: this is not for it.")
    return card


HANDLERS: dict[str, Task] = {
    "issue account card": issue_account_card,
    "register plain card": register_plain_card,
    "identify card": identify_card,
    "load card": load_card,
    "set card terms": set_terms,
}
