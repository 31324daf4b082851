"""The roles of master keys, in one table: how long, what for, and where one of each goes.

A role that a newer program adds is made by `tapledger init` in a key file that lacks it; none is removed.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Role:
    """One master key, in as many versions as there were rotations.

    length: bytes, 16 for AES, 32 for HMAC. kiosks: every kiosk holds it. moved: a card can be given a newer
    one at a desk (ChangeKey); of the others it keeps those it was made with for its life. diversified: a
    card's key is made of its UID alone (Keeper.card_key). rotates: may have versions.
    """

    name: str
    length: int
    purpose: str
    kiosks: bool = False
    moved: bool = False
    diversified: bool = True
    rotates: bool = True


_TABLE = (
    Role("master", 16, "purse card: the application's master key", moved=True),
    Role("read", 16, "purse card: reads the log", kiosks=True, moved=True),
    Role("debit", 16, "purse card: reads, debits, appends to the log, commits", kiosks=True, moved=True),
    Role("credit", 16, "purse card: credits, gives back", moved=True),
    Role("data", 16, "purse card: the MAC in the card data file"),
    Role("tmac", 16, "purse card: Transaction MAC, one a life", diversified=False),
    Role("picc", 16, "purse card: the PICC master key"),
    Role("account-master", 16, "account card: its key 0, changes the others"),
    Role("account", 16, "account card: authenticates a payment"),
    Role("sdm-meta", 16, "account card: encrypts UID and counter of a SUN message", diversified=False),
    Role("sdm-file", 16, "account card: MACs a SUN message"),
    Role(
        "kiosk", 32, "a kiosk's secret: MACs of its messages, its seal key", diversified=False, rotates=False
    ),
    Role("authority", 32, "certificates of broker, host and kiosks", diversified=False, rotates=False),
    Role("ledger", 32, "MACs of checkpoints; by it books know their keys", diversified=False, rotates=False),
)
ROLES = {role.name: role for role in _TABLE}
KIOSK_ROLES = tuple(role.name for role in _TABLE if role.kiosks)
MOVED_ROLES = tuple(role.name for role in _TABLE if role.moved)
CARD_ROLES = tuple(role.name for role in _TABLE if role.diversified and role.purpose.startswith("purse"))
ACCOUNT_ROLES = tuple(role.name for role in _TABLE if role.diversified and role.purpose.startswith("account"))
