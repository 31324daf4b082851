"""UIDs that no kiosk may serve, as a list whose version only rises."""

from host import alarms, clock
from host.cards import revision
from host.db.connection import Connection
from host.ledger import chart
from protocol.wire import messages

UIDS_MAX = 352  # what one message carries
UNKNOWN_MAX = 64  # of those, UIDs that are no card of ours: a kiosk can invent as many as it likes
UNKNOWN_KEPT = 10_000  # and so many of them are kept at all
RAISE_MAX = 1_000_000  # how far one kiosk's word may move the number at a time
RAISES_MAX = 8  # and how often
_NEWEST = "NOT EXISTS (SELECT 1 FROM hotlist n WHERE n.uid = h.uid AND n.version > h.version)"
CEILING = messages.U32 - RAISE_MAX  # above it only we count on


def version(connection: Connection) -> int:
    """The newest version, 0 when nothing was ever listed."""
    return int(connection.execute("SELECT coalesce(max(version), 0) AS v FROM hotlist").fetchone()["v"])


def uids(connection: Connection) -> list[bytes]:
    """What a kiosk is sent: lost cards and what operators listed first, then cards that kiosks listed, at
    last UIDs that are no card of ours; the newest of each, UIDS_MAX together."""
    rows = connection.execute(
        f"SELECT uid, ours, known FROM (SELECT h.uid, h.version, h.who LIKE '{chart.OPERATOR}%'"
        " OR EXISTS (SELECT 1 FROM card_states s WHERE s.uid = h.uid AND s.state = 'lost') AS ours,"
        " EXISTS (SELECT 1 FROM cards c WHERE c.uid = h.uid) AS known FROM hotlist h"
        f" WHERE h.uid IS NOT NULL AND h.listed = 1 AND {_NEWEST}) listed"
        " ORDER BY ours DESC, known DESC, version DESC LIMIT ?",
        (UIDS_MAX,),
    ).fetchall()
    sure = [bytes(row["uid"]) for row in rows if row["ours"] or row["known"]]
    unknown = [bytes(row["uid"]) for row in rows if not (row["ours"] or row["known"])]
    return sorted(sure + unknown[:UNKNOWN_MAX])


def holds(connection: Connection, uid: bytes) -> bool:
    """Is this UID listed?"""
    return listed_as(connection, uid) is not None


def listed_as(connection: Connection, uid: bytes) -> int | None:
    """The version with which this UID was listed; None while it is not."""
    row = connection.execute(
        "SELECT version, listed FROM hotlist WHERE uid = ? ORDER BY version DESC LIMIT 1", (uid,)
    ).fetchone()
    return row["version"] if row is not None and row["listed"] else None


def add(connection: Connection, uid: bytes, reason: str, who: str) -> bool:
    """List a UID; False when it is listed already, or is no card of ours and a kiosk's word, of which
    UNKNOWN_KEPT are. The caller pushes the new version to the kiosks."""
    if holds(connection, uid):
        return False
    revision.raise_(connection)  # its row makes whoever else lists a card wait, so that we look again
    if holds(connection, uid) or not _is_room(connection, uid, who):
        return False
    _row(connection, version(connection) + 1, uid, reason, who)
    if revision.grown(connection, "hotlist", messages.U32) == UIDS_MAX + 1:
        alarms.raise_(
            connection,
            "hotlist-full",
            uid.hex().upper(),
            f"The hotlist has more cards than the {UIDS_MAX} that a kiosk holds: the oldest that kiosks "
            "listed are left out first, lost cards last.",
        )
    return True


def remove(connection: Connection, uid: bytes, reason: str, who: str) -> bool:
    """Take a UID off the list by a row of its own; False when it is not there. The caller pushes."""
    revision.raise_(connection)
    if not holds(connection, uid):
        return False
    _row(connection, version(connection) + 1, uid, reason, who, listed=0)
    return True


def _is_room(connection: Connection, uid: bytes, who: str) -> bool:
    known = connection.execute("SELECT 1 FROM cards WHERE uid = ? LIMIT 1", (uid,)).fetchone()
    if who.startswith(chart.OPERATOR) or known is not None:
        return True
    count = revision.grown(connection, "hotlist-unknown", UNKNOWN_KEPT)
    if count == UNKNOWN_KEPT:
        sentence = f"Kiosks listed {count} UIDs that are no card of ours; no more of such are kept."
        alarms.raise_(connection, "hotlist-unknown-full", who, sentence)
    return count is not None


def raise_above(connection: Connection, seen: int, who: str) -> bool:
    """A kiosk's number is above ours (we were restored from a backup): overtake it, if believable."""
    revision.raise_(connection)
    raised = connection.execute(
        "SELECT count(*) AS n FROM hotlist WHERE uid IS NULL AND who = ?", (who,)
    ).fetchone()["n"]
    if seen - version(connection) > RAISE_MAX or seen >= CEILING or raised >= RAISES_MAX:
        return False
    _row(connection, seen + 1, None, "a kiosk held a newer version", who)
    return True


def _row(
    connection: Connection, number: int, uid: bytes | None, reason: str, who: str, listed: int = 1
) -> None:
    connection.execute(
        "INSERT INTO hotlist (version, uid, listed, reason, who, at_s) VALUES (?, ?, ?, ?, ?, ?)",
        (number, uid, listed, reason, who, clock.now_s()),
    )
