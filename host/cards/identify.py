"""Whose a message of an account card is (SUN), each once.

It says who the card is and how often it was read. Whoever holds a phone near the card can take messages from
it and use them before the card itself: so they name a card, and nothing is paid on them.
"""

from host import alarms
from host.cards import registry
from host.cards.admission import must_be_welcome
from host.cards.keeper import Keeper
from host.cards.registry import ACCOUNT, Card, RegistryError
from host.db.connection import Connection
from host.db.engine import Database
from protocol.card import sun


class SunRefused(Exception):
    """A message identifies nobody; str() is a sentence, code one of malformed, unknown-card, forged,
    replayed, rolled-back, card-state, hotlisted."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def identify(database: Database, keeper: Keeper, url: str) -> Card:
    """Whose message this is, if it is newer than any that was seen. SunRefused: flagged where we know whose.

    It identifies and no more: no payment may rest on it.
    """
    said = sun.parse(url)
    if said is None:
        raise SunRefused("malformed", "This is no address that a card of ours gives: tap the card again.")
    with database.write() as connection:
        card, refusal = _read(connection, keeper, *said)
    if refusal is not None:
        raise refusal
    assert card is not None
    return card


def _read(
    connection: Connection, keeper: Keeper, picc_data: bytes, mac: bytes
) -> tuple[Card | None, SunRefused | None]:
    refusal = SunRefused("unknown-card", "This is no address of a card that we know.")
    for version, meta in keeper.meta_keys().items():
        opened = sun.open_picc_data(meta, picc_data)
        card = None if opened is None else registry.newest(connection, opened[0])
        if opened is None or card is None or card.kind != ACCOUNT:
            continue
        if keeper.version("sdm-meta", card.key_version) != version:
            continue
        uid, counter = opened
        if not sun.genuine(keeper.card_key("sdm-file", uid, card.key_version), uid, counter, mac):
            refusal = _refuse(connection, card, "forged", f"counter {counter}, the MAC is not the card's")
            continue
        return card, _stale(connection, card, counter) or _not_welcome(connection, card)
    return None, refusal


def _stale(connection: Connection, card: Card, counter: int) -> SunRefused | None:
    """Take the counter, or say why not: at once, so that of two that come together one is a replay."""
    taken = connection.execute(
        "UPDATE sun_counters SET counter = ? WHERE uid = ? AND issue = ? AND counter < ? RETURNING counter",
        (counter, card.uid, card.issue, counter),
    ).fetchone()
    if taken is not None:
        return None
    row = connection.execute(
        "SELECT counter FROM sun_counters WHERE uid = ? AND issue = ?", (card.uid, card.issue)
    ).fetchone()
    if row is None:  # pending: it was not looked at yet
        return SunRefused("card-state", f"Card {card.number} is not issued yet.")
    code = "replayed" if row["counter"] == counter else "rolled-back"
    return _refuse(connection, card, code, f"counter {counter}, seen {row['counter']}")


def _not_welcome(connection: Connection, card: Card) -> SunRefused | None:
    if card.state != "active":
        registry.flag(connection, card.uid, card.issue, f"message while {card.state}", "")
        return SunRefused("card-state", f"Card {card.number} is {card.state}.")
    try:
        must_be_welcome(connection, card.uid)
    except RegistryError as error:
        return SunRefused(error.code, str(error))
    return None


def _refuse(connection: Connection, card: Card, code: str, detail: str) -> SunRefused:
    registry.flag(connection, card.uid, card.issue, f"message {code}", detail)
    if code == "forged":
        sentence = f"A message was made that names card {card.number} without its key."
        alarms.raise_once(connection, "sun-forged", card.uid_hex, sentence)
    return SunRefused(
        code, "This address was used before, or copied from another: tap the card again, do not reload."
    )
