"""UIDs that no kiosk may serve, as a list whose version only rises."""

import sqlite3

from host import alarms, clock

UIDS_MAX = 512  # what one message carries
RAISE_MAX = 1_000_000  # how far one kiosk's word may move the number


def version(connection: sqlite3.Connection) -> int:
    """The newest version, 0 when nothing was ever listed."""
    return int(connection.execute("SELECT coalesce(max(version), 0) AS v FROM hotlist").fetchone()["v"])


def uids(connection: sqlite3.Connection) -> list[bytes]:
    """What a kiosk is sent: the newest UIDS_MAX."""
    rows = connection.execute(
        "SELECT uid FROM hotlist WHERE uid IS NOT NULL ORDER BY version DESC LIMIT ?", (UIDS_MAX,)
    )
    return sorted(bytes(row["uid"]) for row in rows)


def holds(connection: sqlite3.Connection, uid: bytes) -> bool:
    """Is this UID listed?"""
    return connection.execute("SELECT 1 FROM hotlist WHERE uid = ?", (uid,)).fetchone() is not None


def add(connection: sqlite3.Connection, uid: bytes, reason: str, who: str) -> bool:
    """List a UID; False when it is listed already. The caller pushes the new version to the kiosks."""
    if holds(connection, uid):
        return False
    _row(connection, version(connection) + 1, uid, reason, who)
    count = connection.execute("SELECT count(*) AS n FROM hotlist WHERE uid IS NOT NULL").fetchone()["n"]
    if count > UIDS_MAX:
        alarms.raise_(
            connection,
            "hotlist-full",
            uid.hex().upper(),
            f"The hotlist has {count} cards, kiosks get the newest {UIDS_MAX}: end the lives of old cards.",
        )
    return True


def raise_above(connection: sqlite3.Connection, seen: int, who: str) -> bool:
    """A kiosk's number is above ours (we were restored from a backup): overtake it, if believable."""
    if seen - version(connection) > RAISE_MAX:
        return False
    _row(connection, seen + 1, None, "a kiosk held a newer version", who)
    return True


def _row(connection: sqlite3.Connection, number: int, uid: bytes | None, reason: str, who: str) -> None:
    connection.execute(
        "INSERT INTO hotlist (version, uid, reason, who, at_s) VALUES (?, ?, ?, ?, ?)",
        (number, uid, reason, who, clock.now_s()),
    )
