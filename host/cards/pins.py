"""PINs of plain cards: four to eight digits, stretched with Argon2id, wrong tries counted and ended.

So few digits are soon tried against a stolen database; what guards them is that a kiosk gets TRIES_MAX tries.
"""

import re

from host import clock, phc
from host.cards import registry
from host.cards.registry import Card, RegistryError
from host.db.connection import Connection

KDF = {"iterations": 2, "lanes": 1, "memory_kib": 19456}  # OWASP's least: somebody waits at a kiosk
TRIES_MAX = 5
FORM = re.compile(r"[0-9]{4,8}")
NEEDED, WRONG, BLOCKED = "pin-needed", "pin-wrong", "pin-blocked"


def set_(connection: Connection, card: Card, pin: str | None, who: str) -> None:
    """From now on this PIN, None: none is asked; wrong tries are forgotten. RegistryError for a bad one."""
    if pin is not None and not FORM.fullmatch(pin):
        raise RegistryError("pin", "A PIN is of 4 to 8 digits.")
    if pin is not None and len(set(pin)) == 1:
        raise RegistryError("pin", "A PIN of one digit repeated is the first that a thief tries.")
    _row(connection, card, None if pin is None else phc.make(pin.encode(), KDF), who)


def unblock(connection: Connection, card: Card, who: str) -> None:
    """An operator lets the holder try again, with the same PIN."""
    _row(connection, card, _kept(connection, card), who)


def refused(connection: Connection, card: Card, pin: str | None) -> str | None:
    """NEEDED, WRONG, BLOCKED, or None when this PIN opens the card or none is asked.

    Counts wrong tries, so the caller commits whatever it says.
    """
    kept = _kept(connection, card)
    if kept is None:
        return None
    if pin is None:
        return BLOCKED if wrong_tries(connection, card) >= TRIES_MAX else NEEDED
    # counted before it is looked at: whoever tries the same card meanwhile waits for the row
    counted = connection.execute(
        "UPDATE card_pin_tries SET wrong = wrong + 1 WHERE uid = ? AND issue = ? AND wrong < ?"
        " RETURNING wrong",
        (card.uid, card.issue, TRIES_MAX),
    ).fetchone()
    if counted is None:
        return BLOCKED
    if FORM.fullmatch(pin) and phc.fits(pin.encode(), kept):
        _tries(connection, card, 0)
        return None
    wrong = int(counted["wrong"])
    if wrong < TRIES_MAX:
        return WRONG
    registry.flag(connection, card.uid, card.issue, "PIN blocked", f"{wrong} wrong tries")
    return BLOCKED


def is_set(connection: Connection, card: Card) -> bool:
    """Does this card have one?"""
    return _kept(connection, card) is not None


def wrong_tries(connection: Connection, card: Card) -> int:
    """Wrong tries in a row."""
    row = connection.execute(
        "SELECT wrong FROM card_pin_tries WHERE uid = ? AND issue = ?", (card.uid, card.issue)
    ).fetchone()
    return 0 if row is None else int(row["wrong"])


def _kept(connection: Connection, card: Card) -> str | None:
    row = connection.execute(
        "SELECT stretched FROM card_pins WHERE uid = ? AND issue = ? ORDER BY id DESC LIMIT 1",
        (card.uid, card.issue),
    ).fetchone()
    return None if row is None else row["stretched"]


def _row(connection: Connection, card: Card, stretched: str | None, who: str) -> None:
    connection.execute(
        "INSERT INTO card_pins (uid, issue, stretched, who, at_s) VALUES (?, ?, ?, ?, ?)",
        (card.uid, card.issue, stretched, who, clock.now_s()),
    )
    _tries(connection, card, 0)


def _tries(connection: Connection, card: Card, wrong: int) -> None:
    connection.execute(
        "INSERT INTO card_pin_tries (uid, issue, wrong) VALUES (?, ?, ?)"
        " ON CONFLICT (uid, issue) DO UPDATE SET wrong = excluded.wrong",
        (card.uid, card.issue, wrong),
    )
