"""Plain cards: known by a UID that whoever reads it can copy, so that old cards can go on.

Therefore online only, so much a day, with a PIN where the holder wants one, and `weak` wherever they are
shown. MIFARE Classic and others of type A (4, 7 or 10 bytes of UID), FeliCa (the 8 bytes of its IDm).
"""

from datetime import datetime

from host import clock
from host.cards import pins, registry
from host.cards.hotlist import holds
from host.cards.registry import PLAIN, Card, RegistryError
from host.db.connection import Connection
from host.ledger import accounts, held
from host.ledger.books import Books

UID_SIZES = (4, 7, 8, 10)
RANDOM = 0x08  # first of 4 bytes: made anew at every tap (ISO 14443-3 6.4.4)
CASCADE = 0x88  # first of 4 bytes: these are no UID, but the beginning of a longer one
DAILY_FEN = 20_000  # what a card may spend a day where neither it nor the house says otherwise
DAILY_SETTING = "plain_daily_fen"
DAILY_FEN_MAX = 10_000_000

NOT_PLAIN, STATE, HOT, DAILY, BALANCE = "not-plain", "card-state", "hotlisted", "daily-limit", "balance"


def must_be_a_uid(uid: bytes) -> None:
    """RegistryError for what names no card: a wrong length, a random UID, nothing but zeros or ones."""
    shown = uid.hex().upper()
    if len(uid) not in UID_SIZES:
        raise RegistryError(
            "uid", f"{shown or 'Nothing'} is no UID: it has 4, 7 or 10 bytes, a FeliCa IDm has 8."
        )
    if len(set(uid)) == 1 and uid[0] in (0x00, 0xFF):
        raise RegistryError("uid", f"{shown} is no UID: a blank or broken card shows it.")
    if len(uid) == 4 and uid[0] == RANDOM:
        raise RegistryError(
            "uid", f"{shown} is a random UID, another at every tap: phones and some cards show one."
        )
    if len(uid) == 4 and uid[0] == CASCADE:
        raise RegistryError("uid", f"{shown} is the beginning of a longer UID: read the card again.")


def register(books: Books, uid: bytes, who: str, number: str | None = None) -> Card:
    """A new plain card, active: nothing is written on it. RegistryError."""
    must_be_a_uid(uid)
    connection = books.connection
    if holds(connection, uid):
        raise RegistryError("hotlisted", f"Card {uid.hex().upper()} is on the hotlist: give another card.")
    card = registry.begin(connection, uid, 0, who, PLAIN, number)
    registry.become(connection, card, "active", who)
    held.open_(books, uid, card.issue)
    return Card(uid, card.issue, card.number, 0, "active", PLAIN)


def set_daily(connection: Connection, card: Card, daily_fen: int, who: str) -> None:
    """What this card may spend a day from now on."""
    if not 0 <= daily_fen <= DAILY_FEN_MAX:
        raise RegistryError("limit", f"A daily limit is of 0 to {DAILY_FEN_MAX} fen.")
    connection.execute(
        "INSERT INTO card_limits (uid, issue, daily_fen, who, at_s) VALUES (?, ?, ?, ?, ?)",
        (card.uid, card.issue, daily_fen, who, clock.now_s()),
    )


def daily_fen(connection: Connection, card: Card) -> int:
    """What this card may spend a day: its own limit, else the house's, else DAILY_FEN."""
    row = connection.execute(
        "SELECT daily_fen FROM card_limits WHERE uid = ? AND issue = ? ORDER BY id DESC LIMIT 1",
        (card.uid, card.issue),
    ).fetchone()
    return daily_of_the_house(connection) if row is None else int(row["daily_fen"])


def daily_of_the_house(connection: Connection) -> int:
    """For cards without a limit of their own."""
    row = connection.execute("SELECT value FROM settings WHERE name = ?", (DAILY_SETTING,)).fetchone()
    return DAILY_FEN if row is None else int(row["value"])


def may_pay(connection: Connection, card: Card, amount_fen: int, pin: str | None, at_s: int) -> str | None:
    """Why this card may not pay this now, None when it may; at_s: Unix seconds, by our own clock.

    One of NOT_PLAIN, STATE, HOT, pins.NEEDED, pins.WRONG, pins.BLOCKED, DAILY, BALANCE. The PIN is asked
    before anything about money is told. It counts wrong PINs: call it once for each request, in the
    transaction that books the payment, and commit whatever it says. Books must be flushed.
    """
    current = registry.find(connection, card.uid, card.issue)
    if current is None or current.kind != PLAIN:
        return NOT_PLAIN
    if current.state != "active":
        return STATE
    if holds(connection, card.uid):
        return HOT
    refusal = pins.refused(connection, current, pin)
    if refusal is not None:
        return refusal
    spent_fen = held.spent_since(connection, card.uid, card.issue, day_began_s(at_s))
    if spent_fen + amount_fen > daily_fen(connection, current):
        return DAILY
    if amount_fen > (accounts.card_balance(connection, card.uid, card.issue) or 0):
        return BALANCE
    return None


def day_began_s(at_s: int) -> int:
    """When this day began in the shop's time zone (host.zone)."""
    midnight = datetime.fromtimestamp(at_s).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return int(midnight.timestamp())  # fold: the first one, on a day that has two
