"""Moving a purse card on a desk reader to the newest generation of keys.

The books know before the card does: the move is a row before the first ChangeKey and another after the last,
so that a card pulled at any APDU is finished by moving it again. Until then each key is one of those that the
rows name, and its version byte, asked for under MAC, says which. The application's master key is changed
last, since it changes the others; its new one is then proved by a session.
"""

import secrets
from collections.abc import Generator, Mapping
from dataclasses import dataclass

import structlog

from host import clock
from host.cards import circulation, registry, revision
from host.cards.keeper import MOVED_ROLES, Keeper
from host.cards.readers import CardConnection
from host.cards.registry import Card, RegistryError
from host.db.connection import Connection
from host.db.engine import Database
from protocol.card import apdu, commands, layout, purse
from protocol.card.ev2 import Session
from protocol.card.masters import version_byte

_log = structlog.get_logger()


@dataclass(frozen=True)
class RoleKeys:
    """One role's keys of one card: those that it may have now, by version byte, and the one it is to have."""

    number: int
    may_be: Mapping[int, bytes]
    byte: int
    key: bytes

    def __repr__(self) -> str:
        return f"<RoleKeys of key {self.number}>"

    def now(self, said: bytes) -> bytes:
        """The key whose version byte the card says; CardError when it can't be."""
        if len(said) != 1 or said[0] not in self.may_be:
            raise apdu.CardError(
                f"key {self.number} has version {said.hex()}, which none of ours has on this card"
            )
        return self.may_be[said[0]]


def move_keys(database: Database, keeper: Keeper, connection: CardConnection, card: Card, who: str) -> Card:
    """The card with the newest keys: as it was if it has them. Finishes what was interrupted.

    CardError, NotOurs and CardGone leave the move open in the books; asked again it goes on.
    """
    goal = keeper.generation
    with database.read() as opened:
        begun = _begun(opened, card)
    if not begun and not _differ(keeper, card.key_version, goal):
        return card
    with database.write() as opened:
        current = registry.find(opened, card.uid, card.issue)
        if current is None or current.state != "active":
            raise RegistryError("card-state", f"Card {card.uid_hex} is not active: it keeps its keys.")
        if goal not in begun:
            _note(opened, card, goal, 0, who)
    keys = {role: _role_keys(keeper, card, role, {card.key_version, *begun}, goal) for role in MOVED_ROLES}
    apdu.run(_change(keys), connection.send_and_receive)
    with database.write() as opened:
        _note(opened, card, goal, 1, who)
        revision.raise_(opened)
        left = circulation.cards(opened, card.key_version)
        moved = registry.find(opened, card.uid, card.issue)
    assert moved is not None
    _log.info("card moved to other keys", card=card.uid_hex, of=card.key_version, to=goal, left=left)
    return moved


def is_moving(connection: Connection, card: Card) -> bool:
    """Was a move of this card begun that nobody has finished?"""
    return bool(_begun(connection, card))


def moved(connection: Connection) -> int:
    """Rises with every card that was moved."""
    row = connection.execute("SELECT coalesce(max(id), 0) AS n FROM card_key_moves").fetchone()
    return int(row["n"])


def _begun(connection: Connection, card: Card) -> set[int]:
    """Generations to which a move was begun since the last that was confirmed."""
    rows = connection.execute(
        "SELECT version FROM card_key_moves WHERE uid = ? AND issue = ? AND id > coalesce((SELECT max(id)"
        " FROM card_key_moves WHERE uid = ? AND issue = ? AND confirmed = 1), 0)",
        (card.uid, card.issue, card.uid, card.issue),
    )
    return {int(row["version"]) for row in rows}


def _differ(keeper: Keeper, one: int, other: int) -> bool:
    return any(keeper.version(role, one) != keeper.version(role, other) for role in MOVED_ROLES)


def _note(connection: Connection, card: Card, version: int, confirmed: int, who: str) -> None:
    connection.execute(
        "INSERT INTO card_key_moves (uid, issue, version, confirmed, who, at_s) VALUES (?, ?, ?, ?, ?, ?)",
        (card.uid, card.issue, version, confirmed, who, clock.now_s()),
    )


def _role_keys(keeper: Keeper, card: Card, role: str, may_be: set[int], goal: int) -> RoleKeys:
    keys = {
        version_byte(keeper.version(role, one)): keeper.card_key(role, card.uid, one)
        for one in (*may_be, goal)
    }
    byte = version_byte(keeper.version(role, goal))
    return RoleKeys(layout.KEYS[role], keys, byte, keys[byte])


def _change(keys: Mapping[str, RoleKeys]) -> Generator[bytes, bytes, None]:
    """Procedure: every key as it should be, whatever it is now. CardError, NotOurs."""
    master = keys["master"]
    yield from apdu.select(layout.AID)
    said = yield from commands.get_key_version(None, layout.KEY_MASTER)
    session = yield from _authenticate(master.now(said))
    for keys_of in keys.values():
        if keys_of is not master:
            yield from _change_other(session, keys_of)
    if said[0] == master.byte:
        return
    # its answer bears no MAC: the session ends with the key it stood on, and a new one proves the new key
    yield from commands.change_key(session, layout.KEY_MASTER, master.key, master.byte)
    yield from _authenticate(master.key)


def _change_other(session: Session, keys: RoleKeys) -> Generator[bytes, bytes, None]:
    now = keys.now((yield from commands.get_key_version(session, keys.number)))
    if now != keys.key:
        yield from commands.change_key(session, keys.number, keys.key, keys.byte, now)


def _authenticate(key: bytes) -> Generator[bytes, bytes, Session]:
    return (yield from purse.authenticate(layout.KEY_MASTER, key, secrets.token_bytes(16)))
