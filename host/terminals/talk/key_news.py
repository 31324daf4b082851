"""Do kiosks hold the role keys of the cards in circulation, and no more? If not, they are configured anew.

Asked when the host starts, which it does after a rotation and after an update of its own, and when a desk has
moved a card: the last card of a generation takes its keys out of all kiosks. A host of before gave the debit
key to kiosks of every mode, and no kiosk says which roles it holds: once, those that debit nothing are told.
"""

from host.cards import circulation
from host.cards.keeper import Keeper
from host.db.connection import Connection
from host.terminals.fleet import configs, kiosks
from protocol.wire import usable

SETTING = "kiosk keys"  # which versions the newest configurations bring
FIRST = "read 1, debit 1"
ROLES, BY_MODE = "kiosk roles", "by mode"  # set: the newest configurations bring those of the mode alone
WHO = "host: keys"


def renew(connection: Connection, keeper: Keeper) -> bool:
    """True when there is something to be told to the kiosks; in the caller's transaction."""
    generations = circulation.generations(connection, keeper.generation)
    wanted = ", ".join(f"{role} {version}" for role, version in keeper.kiosk_versions(generations))
    all_of_them = _set(connection, SETTING, wanted, FIRST)
    without_debit = _set(connection, ROLES, BY_MODE, "")
    told = False
    for number, _ in kiosks.names(connection) if all_of_them or without_debit else ():
        _, config = configs.newest(connection, number)
        if config is not None and (all_of_them or config.mode not in usable.DEBITING):
            configs.add(connection, number, config, WHO)
            told = True
    return told


def _set(connection: Connection, name: str, value: str, usual: str) -> bool:
    """Keep a setting; was it another, or the usual one another?"""
    row = connection.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    if value == (usual if row is None else row["value"]):
        return False
    connection.execute(
        "INSERT INTO settings (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
    return True
