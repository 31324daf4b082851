"""The conversation with a kiosk: hello, epochs, and everything the host sends down.

A down message echoes the nonce of the kiosk's last hello and carries the sequence (0, n) with n rising for
ever, so nothing old can be played back. A hello with a nonce that was used before is old itself, except the
last one: its answer was lost.
"""

from typing import Any

from host import alarms, clock
from host.cards import circulation, hotlist
from host.cards.keeper import Keeper
from host.db.connection import Connection
from host.ledger import chart, wanted
from host.terminals import kiosks, sequences
from host.terminals.acks import Down, acks, sealed
from host.terminals.kiosks import Kiosk
from host.terminals.senders import Sender
from protocol.wire import messages, online, seal

OVERTAKEN = "host: kiosk was newer"


def hello(connection: Connection, keeper: Keeper, kiosk: Kiosk, said: dict[str, Any]) -> list[Down]:
    """Answer a hello: welcome, configuration and hotlist where the kiosk's are not ours, acknowledgements."""
    row = kiosks.session_row(connection, kiosk.number)
    if row["nonce"] != said["nonce"]:
        fresh = connection.execute(
            "INSERT INTO kiosk_nonces (kiosk, nonce, at_s) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (kiosk.number, said["nonce"], clock.now_s()),
        ).rowcount
        if not fresh:
            return []  # played back
        epoch = _epoch_for(connection, kiosk, row["epoch"], said)
        connection.execute(
            "UPDATE kiosk_sessions SET nonce = ?, epoch = ?, firmware = ?, relay_session = 0 WHERE kiosk = ?",
            (said["nonce"], epoch, said["firmware"], kiosk.number),
        )
        _overtake(connection, kiosk, said)
        _confirm(connection, kiosk, said)
    else:
        epoch = row["epoch"]
    down = [_seal(connection, kiosk, messages.WELCOME, epoch=epoch, now_s=clock.now_s())]
    down += news(connection, keeper, kiosk)
    wanted = sorted({epoch, said["epoch"]}, reverse=True)
    stands = sequences.held(connection, [(kiosk.number, number) for number in wanted])
    stood = [Sender(kiosk, number, stands[kiosk.number, number]) for number in wanted]
    told, failed = acks(connection, stood)
    for error in failed.values():
        raise error
    return down + told


def applied(connection: Connection, kiosk: Kiosk, said: dict[str, Any]) -> None:
    """The kiosk works by these versions now; counts only in the present session."""
    if kiosks.session_row(connection, kiosk.number)["nonce"] == said["nonce"]:
        _confirm(connection, kiosk, said)


class LookedUp:
    """Hotlist, generations of keys and what waits, as one transaction sees them, looked up once for all."""

    def __init__(self) -> None:
        self._uids: tuple[int, list[bytes]] | None = None
        self._generations: list[int] = []
        self._marks: tuple[int, bytes] | None = None

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


def news(
    connection: Connection, keeper: Keeper, kiosk: Kiosk, looked_up: LookedUp | None = None
) -> list[Down]:
    """Configuration, hotlist and what waits if not confirmed in their newest version; nothing before a hello.

    looked_up: shared by what is told in one transaction, and forgotten with it.
    """
    row = kiosks.session_row(connection, kiosk.number)
    if row["nonce"] is None:
        return []
    looked_up = looked_up or LookedUp()
    down = []
    version, config = kiosks.newest_config(connection, kiosk.number)
    if config is not None and row["config_confirmed"] != version:
        generations = looked_up.generations(connection, keeper.generation)
        fields = {
            "version": version,
            "price_fen": config.price_fen,
            "language": config.language,
            "verdict_wait_ms": config.verdict_wait_ms,
            "offline_total_fen": config.offline_total_fen,
            "role_keys": seal.role_keys(keeper.kiosk_keys(generations, kiosk.seal_key)),
        }
        down.append(_seal(connection, kiosk, messages.CONFIG, **fields))
    listed = hotlist.version(connection)
    if listed and row["hotlist_confirmed"] != listed:
        uids = looked_up.uids(connection, listed)
        down.append(_seal(connection, kiosk, messages.HOTLIST, version=listed, uids=uids))
    version, marks = looked_up.marks(connection)
    if version and row["waiting_confirmed"] != version:
        down.append(_seal(connection, kiosk, online.WAITING, version=version, marks=marks))
    return down


def _seal(connection: Connection, kiosk: Kiosk, kind: int, **values: Any) -> Down:
    row = connection.execute(
        "UPDATE kiosk_sessions SET down_counter = down_counter + 1 WHERE kiosk = ?"
        " RETURNING nonce, down_counter",
        (kiosk.number,),
    ).fetchone()
    return sealed(kiosk, kind, bytes(row["nonce"]), (0, row["down_counter"]), values)


def _epoch_for(connection: Connection, kiosk: Kiosk, given: int, said: dict[str, Any]) -> int:
    """The epoch stays unless the kiosk is behind what we have seen of it: its flash went back in time."""
    seen = sequences.epochs(connection, kiosk.number)
    at_newest = said["epoch"] == max(given, *seen)
    if at_newest and said["counter"] >= seen.get(said["epoch"], 0):
        return int(said["epoch"])
    fresh: int = min(max(given, said["epoch"], *seen) + 1, messages.U16)
    connection.execute(
        "INSERT INTO kiosk_epochs (kiosk, epoch) VALUES (?, ?) ON CONFLICT DO NOTHING", (kiosk.number, fresh)
    )
    newest = max(seen)
    books = f"seen {newest}.{seen[newest]}" if said["epoch"] in seen else "seen no such epoch"
    alarms.raise_once(
        connection,
        "flash-went-back",
        kiosk.name,
        f"{kiosk.name} says it is at {said['epoch']}.{said['counter']}, the books have {books}: "
        f"it goes on in epoch {fresh}.",
    )
    return fresh


def _overtake(connection: Connection, kiosk: Kiosk, said: dict[str, Any]) -> None:
    """A kiosk with newer versions knows a later state of us than we do: go above, it accepts no less.

    A stolen kiosk could burn all numbers so: each raise is bounded, so is their count, and every one is
    alarmed.
    """
    version, config = kiosks.newest_config(connection, kiosk.number)
    raised, refused = [], []
    if config is not None and said["config"] > version:
        times = kiosks.configs_by(connection, kiosk.number, OVERTAKEN)
        believable = said["config"] <= version + hotlist.RAISE_MAX and said["config"] < hotlist.CEILING
        if believable and times < hotlist.RAISES_MAX:
            kiosks.add_config(connection, kiosk.number, config, OVERTAKEN, above=said["config"])
            raised.append("config")
        else:
            refused.append("config")
    if said["hotlist"] > hotlist.version(connection):
        done = hotlist.raise_above(connection, said["hotlist"], chart.kiosk_owner(kiosk.name))
        (raised if done else refused).append("hotlist")
    claim = f"{kiosk.name} claims config {said['config']} and hotlist {said['hotlist']}"
    if raised:
        sentence = f"{claim}: {' and '.join(raised)} raised above that. Were the books restored?"
        alarms.raise_(connection, "version-raised", kiosk.name, sentence)
    if refused:
        sentence = f"{claim}, too far or too often above ours: {' and '.join(refused)} not raised."
        alarms.raise_once(connection, "version-ahead", kiosk.name, sentence)


def _confirm(connection: Connection, kiosk: Kiosk, said: dict[str, Any]) -> None:
    """What the kiosk works by. Of its hotlist also when we first heard so, and the last number it had given
    out by then (a hello says its epoch; other messages are of the session's)."""
    before = kiosks.session_row(connection, kiosk.number)
    connection.execute(
        "UPDATE kiosk_sessions SET config_confirmed = ?, hotlist_confirmed = ?, waiting_confirmed = ?"
        " WHERE kiosk = ?",
        (said["config"], said["hotlist"], said["waiting"], kiosk.number),
    )
    if before["hotlist_confirmed"] != said["hotlist"] or before["hotlist_counter"] is None:
        connection.execute(
            "UPDATE kiosk_sessions SET hotlist_at_s = ?, hotlist_epoch = ?, hotlist_counter = ?"
            " WHERE kiosk = ?",
            (clock.now_s(), said.get("epoch", before["epoch"]), said["counter"], kiosk.number),
        )
