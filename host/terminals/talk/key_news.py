"""Do kiosks hold the role keys of the cards in circulation? If not, each gets a new configuration.

Asked when the host starts, which it does after a rotation, and when a desk has moved a card: the last card of
a generation takes its keys out of all kiosks.
"""

from host.cards import circulation
from host.cards.keeper import Keeper
from host.db.connection import Connection
from host.terminals.fleet import configs, kiosks

SETTING = "kiosk keys"  # which versions the newest configurations bring
FIRST = "read 1, debit 1"
WHO = "host: keys"


def renew(connection: Connection, keeper: Keeper) -> bool:
    """True when there is something to be told to the kiosks; in the caller's transaction."""
    generations = circulation.generations(connection, keeper.generation)
    wanted = ", ".join(f"{role} {version}" for role, version in keeper.kiosk_versions(generations))
    row = connection.execute("SELECT value FROM settings WHERE name = ?", (SETTING,)).fetchone()
    if wanted == (FIRST if row is None else row["value"]):
        return False
    connection.execute(
        "INSERT INTO settings (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (SETTING, wanted),
    )
    for number, _ in kiosks.names(connection):
        _, config = configs.newest(connection, number)
        if config is not None:
            configs.add(connection, number, config, WHO)
    return True
