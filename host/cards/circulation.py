"""Which generations of keys active cards have: a kiosk holds those, and no others.

A card whose move to another generation was begun and not confirmed may have either's keys, so it counts for
both. At most VERSIONS_MAX of a role go to kiosks, the newest.
"""

from host.cards.keeper import KIOSK_ROLES, Keeper
from host.db.connection import Connection
from protocol.wire.config import VERSIONS_MAX

_LIVES = (
    "(SELECT s.state FROM card_states s WHERE s.uid = {0}.uid AND s.issue = {0}.issue"
    " ORDER BY s.id DESC LIMIT 1) IN ('pending', 'active')"
)
# as it was made, and never moved since
_MADE = (
    "SELECT {0} FROM cards c WHERE c.key_version = ? AND c.kind = 'purse' AND NOT EXISTS (SELECT 1 FROM"
    " card_key_moves m WHERE m.uid = c.uid AND m.issue = c.issue AND m.confirmed = 1) AND "
    + _LIVES.format("c")
)
# moved, or being moved, with nothing confirmed after
_MOVED = (
    "SELECT {0} FROM card_key_moves m WHERE m.version = ? AND NOT EXISTS (SELECT 1 FROM card_key_moves n"
    " WHERE n.uid = m.uid AND n.issue = m.issue AND n.id > m.id AND n.confirmed = 1) AND "
    + _LIVES.format("m")
)


def generations(connection: Connection, newest: int) -> list[int]:
    """Those that an active card has, and the newest, which the next card gets; newest first."""
    return [newest, *(one for one in range(newest - 1, 0, -1) if _is_there(connection, one))]


def _is_there(connection: Connection, generation: int) -> bool:
    for sql in (_MADE, _MOVED):
        if connection.execute(sql.format("1") + " LIMIT 1", (generation,)).fetchone() is not None:
            return True
    return False


def newest(connection: Connection) -> int:
    """The highest that any card ever had; 0 before there is a card."""
    made = connection.execute("SELECT coalesce(max(key_version), 0) FROM cards").fetchone()
    moved = connection.execute("SELECT coalesce(max(version), 0) FROM card_key_moves").fetchone()
    return max(int(made[0]), int(moved[0]))


def cards(connection: Connection, generation: int) -> int:
    """How many active cards have keys of this generation, or may have."""
    counts = (connection.execute(sql.format("count(*)"), (generation,)).fetchone() for sql in (_MADE, _MOVED))
    return sum(int(row[0]) for row in counts)


def left_behind(connection: Connection, keeper: Keeper, roles: list[str]) -> int:
    """How many active cards no kiosk could serve any more after a rotation of these roles."""
    lost: set[int] = set()
    there = [one for one in generations(connection, keeper.generation) if cards(connection, one)]
    for role in set(roles) & set(KIOSK_ROLES):
        versions = sorted({keeper.version(role, one) for one in there}, reverse=True)
        gone = versions[VERSIONS_MAX - 1 :]  # one more comes
        lost |= {one for one in there if keeper.version(role, one) in gone}
    return sum(cards(connection, one) for one in lost)
