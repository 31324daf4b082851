"""The allow-list: active purse cards that are not on the hotlist, in parts whose versions only rise.

It follows card_states and the hotlist when kiosks are to be told something. What comes goes into part 0 and
to the kiosks at once; what leaves an older part goes with that part's next change, or after LEAVE_S: whoever
must not pay at once is on the hotlist. protocol.wire.lists says what of a card stands in it, and why.
"""

from typing import TYPE_CHECKING

from host import alarms, clock
from host.cards import hotlist, registry
from host.cards.registry import PURSE, Card
from host.db.connection import Connection
from protocol.card import layout
from protocol.wire import lists

if TYPE_CHECKING:  # the web process reads versions too, and loads nothing that has to do with keys
    from host.cards.keeper import Keeper

LEAVE_S = 600
OVERLAP = 100  # rows looked at once more: another process may commit its number after a higher one
FRESH, NO_ROOM = 0, -1
_STATES, _HOTLIST = "allowed-states", "allowed-hotlist"


def version(connection: Connection) -> int:
    """The newest, 0 while there is no list."""
    row = connection.execute("SELECT coalesce(max(version), 0) AS n FROM allow_parts").fetchone()
    return int(row["n"])


def parts_after(connection: Connection, confirmed: int) -> list[tuple[int, int]]:
    """[(version, part)] of those that changed since, in the order in which a kiosk takes them."""
    sql = "SELECT version, part FROM allow_parts WHERE version > ? ORDER BY version"
    return connection.tuples(sql, (confirmed,))


def seeds(connection: Connection, part: int) -> list[bytes]:
    """One for each card in a part."""
    rows = connection.tuples("SELECT seed FROM allow_cards WHERE part = ?", (part,))
    return [bytes(seed) for (seed,) in rows]


def follow(connection: Connection, keeper: "Keeper") -> None:
    """Take in what happened to cards; afterwards version() is what kiosks should have."""
    changed: set[int] = set()
    left = 0
    for uid in _touched(connection):
        card = registry.newest(connection, uid)
        goal = card if card is not None and _belongs(connection, card) else None
        row = connection.execute("SELECT issue, part FROM allow_cards WHERE uid = ?", (uid,)).fetchone()
        if row is not None and (goal is None or row["issue"] != goal.issue):
            left += 1
            connection.execute("DELETE FROM allow_cards WHERE uid = ?", (uid,))
            if row["part"] == FRESH:
                changed.add(FRESH)
            sql = "UPDATE allow_parts SET left_s = coalesce(left_s, ?) WHERE part = ?"
            connection.execute(sql, (clock.now_s(), row["part"]))
            row = None
        if goal is not None and row is None:
            given = (uid, goal.issue, FRESH, _seed(keeper, goal))
            connection.execute("INSERT INTO allow_cards (uid, issue, part, seed) VALUES (?, ?, ?, ?)", given)
            changed.add(FRESH)
    count = _counts(connection)
    if count.get(FRESH, 0) > lists.FRESH_MAX or (left and NO_ROOM in count):
        changed |= _spread(connection, count)
    changed |= _left_long_ago(connection)
    for part in sorted(changed, reverse=True):  # where cards go to before where they come from
        connection.execute(
            "INSERT INTO allow_parts (part, version) VALUES (?, ?) ON CONFLICT (part) DO UPDATE"
            " SET version = excluded.version, left_s = NULL",
            (part, version(connection) + 1),
        )


def _touched(connection: Connection) -> list[bytes]:
    """Cards of which something changed; whoever asks at the same time waits, and then sees less."""
    found: set[bytes] = set()
    for name, table, number in ((_STATES, "card_states", "id"), (_HOTLIST, "hotlist", "version")):
        sql = "UPDATE revisions SET revision = revision WHERE name = ? RETURNING revision"
        seen = connection.execute(sql, (name,)).fetchone()[0]
        newest = connection.execute(f"SELECT coalesce(max({number}), 0) FROM {table}").fetchone()[0]
        if newest == seen:
            continue
        rows = connection.tuples(
            f"SELECT DISTINCT uid FROM {table} WHERE {number} > ? AND uid IS NOT NULL", (seen - OVERLAP,)
        )
        found.update(bytes(uid) for (uid,) in rows)
        connection.execute("UPDATE revisions SET revision = ? WHERE name = ?", (newest, name))
    return sorted(found)


def _belongs(connection: Connection, card: Card) -> bool:
    active = card.kind == PURSE and card.state == "active"
    return active and not hotlist.holds(connection, card.uid)


def _seed(keeper: "Keeper", card: Card) -> bytes:
    key = keeper.card_key("data", card.uid, card.life_key_version)
    return lists.seed(card.uid, layout.card_data(key, card.uid, card.issue, card.number))


def _counts(connection: Connection) -> dict[int, int]:
    return dict(connection.tuples("SELECT part, count(*) FROM allow_cards GROUP BY part"))


def _spread(connection: Connection, count: dict[int, int]) -> set[int]:
    """Move what is in part 0, or had no room, to the others, the last one first -> parts that changed."""
    sql = "SELECT uid FROM allow_cards WHERE part IN (?, ?) ORDER BY part DESC, uid"
    waiting = [bytes(uid) for (uid,) in connection.tuples(sql, (FRESH, NO_ROOM))]
    last = max([1, *count])
    moved: list[tuple[int, bytes]] = []
    changed = {FRESH}
    for part in (*range(last, 0, -1), *range(last + 1, lists.PARTS)):
        room = lists.PART_MAX - count.get(part, 0)
        taken = waiting[len(moved) : len(moved) + room]
        if taken:
            moved += [(part, uid) for uid in taken]
            changed.add(part)
    rest = waiting[len(moved) :]
    moved += [(FRESH, uid) for uid in rest[: lists.FRESH_MAX]]
    moved += [(NO_ROOM, uid) for uid in rest[lists.FRESH_MAX :]]
    connection.execute_many("UPDATE allow_cards SET part = ? WHERE uid = ?", moved)
    if len(rest) > lists.FRESH_MAX:
        many = len(rest) - lists.FRESH_MAX
        sentence = f"The allow-list is full: {many} cards cannot pay while a kiosk is offline."
        alarms.raise_once(connection, "allow-list-full", "allow-list", sentence)
    return changed


def _left_long_ago(connection: Connection) -> set[int]:
    sql = "SELECT part FROM allow_parts WHERE left_s <= ?"
    return {part for (part,) in connection.tuples(sql, (clock.now_s() - LEAVE_S,))}
