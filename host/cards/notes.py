"""What a card's holder is greeted with: tier and birthday as the desk noted them, points of the books.

Members come later; until then these are noted with the card.
"""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from host import clock
from host.cards.registry import Card
from host.cards.terms import RegistryError
from host.db.connection import Connection
from host.ledger.chart import HOUSE, card_owner

# By number, from 1, as protocol.wire.greeting counts them; the kiosk has words of its own for each.
TIERS = ("普通", "银卡", "金卡", "白金卡", "铂金卡", "钻石卡", "至尊卡")
Name = tuple[bytes, int]  # uid, issue
_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)
_SHORT = ("02-30", "02-31", "04-31", "06-31", "09-31", "11-31")


def write(connection: Connection, card: Card, tier: str | None, birthday: str | None, who: str) -> None:
    """Note it; None leaves what was noted, '' takes it away. RegistryError."""
    before = of(connection, card.uid, card.issue)
    if tier and tier not in TIERS:
        raise RegistryError("tier", f"tier must be one of {', '.join(TIERS)}.")
    if birthday and (not _DAY.fullmatch(birthday) or birthday in _SHORT):
        raise RegistryError("birthday", "birthday must be a day of the year, as 05-17.")
    number = before[0] if tier is None else TIERS.index(tier) + 1 if tier else 0
    connection.execute(
        "INSERT INTO card_notes (uid, issue, tier, birthday, who, at_s) VALUES (?, ?, ?, ?, ?, ?)",
        (card.uid, card.issue, number, before[1] if birthday is None else birthday, who, clock.now_s()),
    )


def of(connection: Connection, uid: bytes, issue: int) -> tuple[int, str]:
    """(tier, birthday) of a card: 0 and '' where nothing is noted."""
    row = connection.execute(
        "SELECT tier, birthday FROM card_notes WHERE uid = ? AND issue = ? ORDER BY id DESC LIMIT 1",
        (uid, issue),
    ).fetchone()
    return (0, "") if row is None else (row["tier"], row["birthday"])


def to_json(connection: Connection, card: Card) -> dict[str, Any]:
    """{tier, birthday, points}"""
    tier, birthday = of(connection, card.uid, card.issue)
    points = _points(connection, [card_owner(card.uid, card.issue)])
    return {
        "tier": TIERS[tier - 1] if tier else None,
        "birthday": birthday or None,
        "points": next(iter(points.values()), None),
    }


def are_any(connection: Connection) -> bool:
    """Is there anything to say to any holder: was something noted, have points been given?"""
    sql = (
        "SELECT EXISTS (SELECT 1 FROM card_notes) OR EXISTS (SELECT 1 FROM accounts WHERE owner = ?"
        " AND kind = 'issued' AND unit = 'points')"
    )
    return bool(connection.execute(sql, (HOUSE,)).fetchone()[0])


def greetings(
    connection: Connection, cards: Mapping[Name, int], local_s: Callable[[int], int]
) -> dict[Name, dict[str, int]]:
    """{(uid, issue): {points, tier, birthday}} of those cards for which there is something to say.

    cards: each with the number of the kiosk where it lies; local_s: kiosk -> seconds since 1970 on its wall.
    """
    if not cards:
        return {}
    marks = ", ".join("?" * len(cards))
    rows = connection.execute(
        "SELECT uid, issue, tier, birthday FROM card_notes WHERE id IN (SELECT max(id) FROM card_notes"
        f" WHERE uid IN ({marks}) GROUP BY uid, issue)",
        tuple(uid for uid, _ in cards),
    ).fetchall()
    made: dict[Name, dict[str, int]] = {}
    for row in rows:
        card = bytes(row["uid"]), row["issue"]
        said = {"tier": row["tier"]} if row["tier"] else {}
        if card in cards and row["birthday"] and row["birthday"] == _day(local_s(cards[card])):
            said["birthday"] = 1
        made[card] = said
    points = _points(connection, [card_owner(*card) for card in cards])
    for card in cards:
        there = points.get(card_owner(*card))
        if there is not None:
            made.setdefault(card, {})["points"] = there
    return {card: made[card] for card in cards if made.get(card)}


def _day(at_s: int) -> str:
    return time.strftime("%m-%d", time.gmtime(at_s))


def _points(connection: Connection, owners: list[str]) -> dict[str, int]:
    rows = connection.execute(
        "SELECT owner, balance FROM accounts WHERE kind = 'points' AND unit = 'points'"
        f" AND owner IN {connection.TEXTS}",
        (connection.texts(owners),),
    )
    return {row["owner"]: int(row["balance"]) for row in rows.fetchall()}
