"""Which kiosks could still take a card that is on the hotlist, or hold a sale of it that nobody told yet.

A kiosk serves no listed card once it has confirmed the list, so what it did with the card has a number that
it had given out by then. When the books hold all of those, nothing more can come: the card's value may be
given to another card. A debit that turns up all the same goes to the losses (host.ledger.late).
"""

from typing import NamedTuple

from host import clock
from host.cards import hotlist
from host.cards.registry import Card
from host.db.connection import Connection, Row
from host.terminals.fleet import configs

HOUR_S = 3600
NOT_LISTED = "the card is not among those that kiosks are sent"
LIST = "has not confirmed the hotlist"
JOURNAL = "has not told all that it did before it confirmed the hotlist"
OPEN_SALE = "has left a sale of this card open"
REVOKED = "is revoked and had not the hotlist: what it took is believed until it is registered anew"


class Waiting(NamedTuple):
    """A kiosk that is waited for, and why: a phrase about it."""

    kiosk: str
    why: str


def released(connection: Connection, card: Card) -> list[Waiting]:
    """Kiosks that the value of a lost card waits for, by name; none: it may be given to another card."""
    listed = hotlist.listed_as(connection, card.uid)
    reaches = listed is not None and card.uid in hotlist.uids(connection)
    left_open = {
        row["kiosk"]
        for row in connection.execute(
            "SELECT u.kiosk FROM unsettled u WHERE u.uid = ? AND u.issue = ? AND NOT EXISTS (SELECT 1 FROM"
            " settlements s WHERE s.kiosk = u.kiosk AND s.epoch = u.epoch AND s.counter = u.counter)",
            (card.uid, card.issue),
        )
    }
    waiting = []
    for row in _sessions(connection):
        if listed is None or not reaches:
            why = NOT_LISTED
        elif row["hotlist_confirmed"] < listed:
            why = REVOKED if row["revoked"] else LIST
        elif not _has_told(connection, row):
            why = JOURNAL
        elif row["kiosk"] in left_open:
            why = OPEN_SALE
        else:
            continue
        waiting.append(Waiting(row["name"], why))
    return waiting


def stale(connection: Connection) -> list[tuple[str, int | None]]:
    """[(kiosk, when it last had the newest hotlist and allow-list)] of those that lack them for longer than
    they may sell without the host; None: never had them. Revoked ones are left out: nobody tells them."""
    now_s = clock.now_s()
    found = []
    for row in _sessions(connection):
        _, config = configs.newest(connection, row["kiosk"])
        if config is None or row["revoked"]:
            continue
        if (row["lists_at_s"] or 0) < now_s - config.offline_max_age_h * HOUR_S:
            found.append((row["name"], row["lists_at_s"]))
    return found


def _sessions(connection: Connection) -> list[Row]:
    """Kiosks that were ever there: one that never said hello holds no keys. Nor does a desk
    reader. A revoked one has no session, and holds what it held."""
    return connection.execute(
        "SELECT s.kiosk, k.name, s.hotlist_confirmed, s.hotlist_at_s, s.hotlist_epoch, s.hotlist_counter,"
        " s.lists_at_s, r.kiosk IS NOT NULL AS revoked"
        " FROM kiosk_sessions s JOIN kiosks k ON k.number = s.kiosk"
        " LEFT JOIN kiosk_revocations r ON r.kiosk = k.number AND r.issue = k.issue"
        " WHERE k.kind = 'kiosk' AND (s.nonce IS NOT NULL OR (r.kiosk IS NOT NULL AND s.firmware <> ''))"
        " ORDER BY k.name"
    ).fetchall()


def _has_told(connection: Connection, row: Row) -> bool:
    """Do the books hold every number that the kiosk had given out when it confirmed?"""
    if row["hotlist_counter"] is None:
        return False
    epochs = connection.execute(
        "SELECT epoch, upto FROM kiosk_epochs WHERE kiosk = ? AND epoch <= ?",
        (row["kiosk"], row["hotlist_epoch"]),
    ).fetchall()
    missing = connection.execute(
        "SELECT 1 FROM kiosk_ranges WHERE kiosk = ? AND epoch < ? LIMIT 1",
        (row["kiosk"], row["hotlist_epoch"]),
    ).fetchone()
    upto = {one["epoch"]: one["upto"] for one in epochs}
    return missing is None and upto.get(row["hotlist_epoch"], 0) >= row["hotlist_counter"]
