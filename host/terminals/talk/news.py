"""What a kiosk should know and has not confirmed: configuration, lists of cards, what waits.

A down message echoes the nonce of the kiosk's last hello and carries the sequence (0, n) with n rising for
ever, so nothing old can be played back.
"""

from typing import Any

from host.cards import allow_list, circulation, hotlist
from host.cards.keeper import Keeper
from host.cards.keeper.roles import KIOSK_ROLES
from host.db.connection import Connection
from host.ledger import wanted
from host.terminals.fleet import configs, kiosks
from host.terminals.fleet.kiosks import Kiosk
from host.terminals.line.traffic import Down
from host.terminals.reported.acks import sealed
from host.terminals.sales import till
from host.terminals.updates.updating import Rolling
from protocol.wire import lists, messages, online, seal, usable
from protocol.wire import till as wire

WITHOUT_DEBIT = ("read",)  # a kiosk that debits no card shows its log, and can take nothing
PARTS_MAX = 4  # of the allow-list at a time, 16 KB; the next ones when these are confirmed


class LookedUp:
    """Lists, generations of keys and what waits, as one transaction sees them, looked up once for all."""

    def __init__(self) -> None:
        self._uids: tuple[int, list[bytes]] | None = None
        self._generations: list[int] = []
        self._marks: tuple[int, bytes] | None = None
        self._seeds: dict[int, list[bytes]] = {}
        self._rolling: Rolling | None = None

    def rolling(self, connection: Connection) -> Rolling:
        """The update that is being rolled out."""
        if self._rolling is None:
            self._rolling = Rolling(connection)
        return self._rolling

    def marks(self, connection: Connection) -> tuple[int, bytes]:
        """(version, marks of the cards that the host wants to talk to)."""
        if self._marks is None:
            self._marks = (wanted.version(connection), wanted.marks(connection))
        return self._marks

    def uids(self, connection: Connection, version: int) -> list[bytes]:
        """Those of the newest version, which the caller has asked for."""
        if self._uids is None or self._uids[0] != version:
            self._uids = (version, hotlist.uids(connection))
        return self._uids[1]

    def generations(self, connection: Connection, newest: int) -> list[int]:
        """Those that active cards have, and the newest."""
        if not self._generations:
            self._generations = circulation.generations(connection, newest)
        return self._generations

    def seeds(self, connection: Connection, part: int) -> list[bytes]:
        """Of the cards in a part of the allow-list."""
        if part not in self._seeds:
            self._seeds[part] = allow_list.seeds(connection, part)
        return self._seeds[part]


def news(
    connection: Connection, keeper: Keeper, kiosk: Kiosk, looked_up: LookedUp | None = None
) -> list[Down]:
    """Configuration, lists and what waits if not confirmed in their newest version; nothing before a hello.

    looked_up: shared by what is told in one transaction, and forgotten with it.
    """
    row = kiosks.session_row(connection, kiosk.number)
    if row["nonce"] is None or kiosk.kind == kiosks.READER:  # which works by none of them
        return []
    looked_up = looked_up or LookedUp()
    down = []
    version, config = configs.newest(connection, kiosk.number)
    if config is not None and row["config_confirmed"] == version:
        config = None
    if config is not None and configs.rejection(connection, kiosk.number, version) is None:
        generations = looked_up.generations(connection, keeper.generation)
        roles = KIOSK_ROLES if config.mode in usable.DEBITING else WITHOUT_DEBIT
        keys = seal.role_keys(keeper.kiosk_keys(generations, kiosk.seal_key, roles))
        told = configs.told(config) | {"version": version, "role_keys": keys}
        down.append(sealed_for(connection, kiosk, messages.CONFIG, **told))
    listed = hotlist.version(connection)
    if listed and row["hotlist_confirmed"] != listed:
        uids = looked_up.uids(connection, listed)
        down.append(sealed_for(connection, kiosk, messages.HOTLIST, version=listed, uids=uids))
    version, marks = looked_up.marks(connection)
    if version and row["waiting_confirmed"] != version:
        down.append(sealed_for(connection, kiosk, online.WAITING, version=version, marks=marks))
    down += _charges(connection, kiosk, row["nonce"])
    offer = looked_up.rolling(connection).offer(connection, keeper, kiosk, row["runs"])
    if offer is not None:
        down.append(sealed_for(connection, kiosk, messages.UPDATE, **offer))
    return down + parts(connection, kiosk, row["allowed_confirmed"], looked_up)


def _charges(connection: Connection, kiosk: Kiosk, nonce: bytes) -> list[Down]:
    """Orders of tills that it has not spoken of in this session."""
    return [
        sealed_for(
            connection,
            kiosk,
            wire.CHARGE,
            order=order.id,
            amount_fen=order.amount_fen,
            deadline_s=order.deadline_s,
            cancel=0 if order.cancelled_by is None else 1,
        )
        for order in till.due(connection, kiosk.number, nonce)
    ]


def parts(connection: Connection, kiosk: Kiosk, confirmed: int, looked_up: LookedUp) -> list[Down]:
    """The next PARTS_MAX of the allow-list's parts that changed after a version."""
    down, key = [], lists.list_key(kiosk.seal_key)
    for version, part in allow_list.parts_after(connection, confirmed)[:PARTS_MAX]:
        # sorted: their order says nothing of when a card came
        prints = sorted(lists.fingerprint(key, seed) for seed in looked_up.seeds(connection, part))
        told = {"version": version, "part": part, "after": confirmed, "fingerprints": b"".join(prints)}
        down.append(sealed_for(connection, kiosk, messages.ALLOWED, **told))
        confirmed = version
    return down


def sealed_for(connection: Connection, kiosk: Kiosk, kind: int, **values: Any) -> Down:
    """A message for a kiosk that has said hello, under its next number."""
    row = connection.execute(
        "UPDATE kiosk_sessions SET down_counter = down_counter + 1 WHERE kiosk = ?"
        " RETURNING nonce, down_counter",
        (kiosk.number,),
    ).fetchone()
    return sealed(kiosk, kind, bytes(row["nonce"]), (0, row["down_counter"]), values)
