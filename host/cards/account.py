"""Account cards: made at a desk reader, and proved for a payment: our fresh challenge, answered under the
card's own key. Their messages only name them: host.cards.identify.
"""

import secrets
from collections.abc import Generator
from typing import Any

from host import alarms
from host.cards import account_card, life, registry, stock
from host.cards.admission import must_be_welcome
from host.cards.keeper import Keeper
from host.cards.readers import CardConnection
from host.cards.registry import ACCOUNT, Card, RegistryError
from host.db.connection import Connection
from host.db.engine import Database
from host.ledger import held
from host.ledger.books import book
from host.ledger.chart import OPERATOR
from protocol.card import apdu, ntag424, sun
from protocol.card.apdu import CardError

URL = "card_url"  # the setting: how the URLs of account cards begin
URL_DEFAULT = "https://tapledger.invalid/c"


class NotProven(Exception):
    """What lies on the reader did not answer as this card does; str() is a sentence."""


def url_base(connection: Connection) -> str:
    """How the URLs of new cards begin."""
    row = connection.execute("SELECT value FROM settings WHERE name = ?", (URL,)).fetchone()
    return URL_DEFAULT if row is None else str(row["value"])


def set_url_base(connection: Connection, base: str) -> None:
    """From now on; cards that were made keep theirs. ValueError for one that no card carries."""
    sun.message(base)
    connection.execute(
        "INSERT INTO settings (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (URL, base),
    )


def issue(
    database: Database, keeper: Keeper, connection: CardConnection, who: str, base: str = URL_DEFAULT
) -> dict[str, Any]:
    """Make the card on the reader ours: registry.to_json() of it. Finishes what was interrupted.

    base: how its URL begins. RegistryError, NotPersonalisable, CardError, CardGone; ValueError for the base.
    """
    sun.message(base)  # before anything is done
    uid = connection.uid
    with database.write() as books:
        must_be_welcome(books, uid)
        card = registry.newest(books, uid)
        if card is None:
            stock.take(books, uid, who.removeprefix(OPERATOR), who)
        if card is None or life.may_begin_again(card.state):
            of_ours = card is not None and card.kind == ACCOUNT  # then it holds keys of ours already
            generation = card.key_version if card is not None and of_ours else keeper.generation
            card = registry.begin(books, uid, generation, who, ACCOUNT)
    if card.state != "pending" or card.kind != ACCOUNT:
        raise RegistryError(
            "card-state",
            f"Card {card.uid_hex} is {card.kind} card {card.number}, {card.state}; it cannot be issued anew.",
        )
    return finish(database, keeper, connection, who, card, base)


def finish(
    database: Database, keeper: Keeper, connection: CardConnection, who: str, card: Card, base: str
) -> dict[str, Any]:
    """Make the card of a pending life ours and call it active; raises as issue does."""
    message, keys = sun.message(base), account_card.account_keys(keeper, card)
    apdu.run(account_card.personalise(card, keys, message), connection.send_and_receive)
    counter = apdu.run(account_card.inspect(card, keys, message), connection.send_and_receive)
    with book(database) as opened:
        registry.become(opened.connection, card, "active", who)
        held.open_(opened, card.uid, card.issue)
        opened.connection.execute(
            "INSERT INTO sun_counters (uid, issue, counter) VALUES (?, ?, ?)", (card.uid, card.issue, counter)
        )
    with database.read() as looking:
        current = registry.find(looking, card.uid, card.issue)
        assert current is not None
        return registry.to_json(looking, current)


def to_prove(connection: Connection, uid: bytes) -> Card:
    """The account card that may be asked to prove itself; RegistryError when it may pay nothing anyway."""
    card = registry.newest(connection, uid)
    if card is None or card.kind != ACCOUNT:
        raise RegistryError("unknown-card", f"Card {uid.hex().upper()} is no account card of ours.")
    if card.state != "active":
        raise RegistryError("card-state", f"Card {card.uid_hex} is {card.state}; it pays nothing.")
    must_be_welcome(connection, uid)
    return card


def prove(database: Database, keeper: Keeper, uid: bytes) -> Generator[bytes, bytes, Card]:
    """Procedure: the card of this UID answers a challenge of ours under its own key -> Card.

    Whoever is between us may listen and change what he likes: he can make this fail, not succeed. Look at the
    card's state again where the payment is decided.
    RegistryError, NotProven.
    """
    with database.read() as connection:
        card = to_prove(connection, uid)
    key = keeper.card_key("account", uid, card.key_version)
    try:
        proven = yield from ntag424.prove(key, secrets.token_bytes(16))
    except CardError as error:
        why = str(error)
    else:
        if proven == uid:
            return card
        why = f"it says it is {proven.hex().upper()}"
    with database.write() as connection:
        registry.flag(connection, uid, card.issue, "not proven", why)
        sentence = f"Something shows the UID of card {card.number} and does not hold its key: {why}."
        alarms.raise_once(connection, "clone", card.uid_hex, sentence)
    raise NotProven(f"What is on the reader is not card {card.number}: {why}.")
