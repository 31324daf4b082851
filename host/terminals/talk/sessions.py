"""The conversation with a kiosk: hello, epochs, and what it says that it works by.

A hello with a nonce that was used before is old itself, except the last one: its answer was lost.
"""

from typing import Any

from host import alarms, clock
from host.cards import allow_list, hotlist
from host.cards.keeper import Keeper
from host.db.connection import Connection
from host.ledger import chart
from host.terminals.fleet import breakdowns, configs, kiosks
from host.terminals.fleet.kiosks import Kiosk
from host.terminals.line.traffic import Down
from host.terminals.reported import sequences
from host.terminals.reported.acks import acks
from host.terminals.reported.report import Report
from host.terminals.reported.senders import Sender
from host.terminals.reported.standing import Standing
from host.terminals.sales import till
from host.terminals.talk import closed_sales, missing
from host.terminals.talk.news import LookedUp, news, parts, sealed_for
from host.terminals.updates import updating
from protocol.wire import faults, messages, updates
from protocol.wire import till as wire
from protocol.wire.config import REJECTED

# What is said beside reports.
TALK = (
    messages.HELLO,
    messages.APPLIED,
    REJECTED,
    wire.CHARGED,
    updates.WANTED,
    updates.UPDATED,
    faults.FAULT,
)
OVERTAKEN = "host: kiosk was newer"


def talk(connection: Connection, keeper: Keeper, report: Report) -> list[Down]:
    """Take one of TALK, and answer it."""
    if report.kind == messages.HELLO:
        return hello(connection, keeper, report.kiosk, report.values)
    if report.kind == messages.APPLIED:
        return applied(connection, report.kiosk, report.values)
    if report.kind == faults.FAULT:
        if not breakdowns.note(connection, report.kiosk, report.values):
            return []
        return [sealed_for(connection, report.kiosk, faults.NOTED, fault=report.values["fault"])]
    if report.kind == updates.WANTED:
        found = updating.pieces(connection, report.kiosk, report.values)
        return [sealed_for(connection, report.kiosk, messages.PIECE, **piece) for piece in found]
    if report.kind == updates.UPDATED:
        updating.updated(connection, report.kiosk, report.values)
    elif report.kind == REJECTED:
        rejected(connection, report.kiosk, report.values)
    else:
        till.charged(connection, report.kiosk, report.values)
    return []


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
        if kiosk.kind == kiosks.KIOSK:  # a reader has none of these versions
            _overtake(connection, kiosk, said)
        _confirm(connection, kiosk, said)
    else:
        epoch = row["epoch"]
        _note_heard(connection, kiosk, said)
    newest = {"hotlist": hotlist.version(connection), "allowed": allow_list.version(connection)}
    down = [sealed_for(connection, kiosk, messages.WELCOME, epoch=epoch, now_s=clock.now_s(), **newest)]
    down += news(connection, keeper, kiosk)
    wanted = sorted({epoch, said["epoch"]}, reverse=True)
    stands = sequences.held(connection, [(kiosk.number, number) for number in wanted])
    stood = [Sender(kiosk, number, stands[kiosk.number, number]) for number in wanted]
    told, failed = acks(connection, stood, Standing())
    for error in failed.values():
        raise error
    if kiosk.kind == kiosks.KIOSK:
        told += missing.ask_again(connection, kiosk, said)
        told += closed_sales.tell(connection, kiosk, said.get("open", 0))
    return down + told


def applied(connection: Connection, kiosk: Kiosk, said: dict[str, Any]) -> list[Down]:
    """The kiosk works by these versions now; counts only in the present session. What it lacks of a list
    that comes in parts is sent on."""
    if kiosks.session_row(connection, kiosk.number)["nonce"] != said["nonce"]:
        return []
    _confirm(connection, kiosk, said)
    return parts(connection, kiosk, said["allowed"], LookedUp())


def rejected(connection: Connection, kiosk: Kiosk, said: dict[str, Any]) -> None:
    """The kiosk will never work by this version: it is not told again."""
    fresh = kiosks.session_row(connection, kiosk.number)["nonce"] == said["nonce"]
    if fresh and configs.reject(connection, kiosk.number, said["version"], said["reason"]):
        sentence = (
            f"{kiosk.name} does not work by its configuration {said['version']} ({said['reason']}) and "
            "keeps the one before: correct it, or give the same once more."
        )
        alarms.raise_(connection, "config-rejected", kiosk.name, sentence)


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
    version, config = configs.newest(connection, kiosk.number)
    raised, refused = [], []
    if config is not None and said["config"] > version:
        times = configs.count_by(connection, kiosk.number, OVERTAKEN)
        believable = said["config"] <= version + hotlist.RAISE_MAX and said["config"] < hotlist.CEILING
        if believable and times < hotlist.RAISES_MAX:
            configs.add(connection, kiosk.number, config, OVERTAKEN, above=said["config"])
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
        "UPDATE kiosk_sessions SET config_confirmed = ?, hotlist_confirmed = ?, waiting_confirmed = ?,"
        " allowed_confirmed = ? WHERE kiosk = ?",
        (said["config"], said["hotlist"], said["waiting"], said["allowed"], kiosk.number),
    )
    _note_heard(connection, kiosk, said)
    if before["hotlist_confirmed"] != said["hotlist"] or before["hotlist_counter"] is None:
        connection.execute(
            "UPDATE kiosk_sessions SET hotlist_at_s = ?, hotlist_epoch = ?, hotlist_counter = ?"
            " WHERE kiosk = ?",
            (clock.now_s(), said.get("epoch", before["epoch"]), said["counter"], kiosk.number),
        )


def _note_heard(connection: Connection, kiosk: Kiosk, said: dict[str, Any]) -> None:
    """That it was heard of, and whether it had the newest lists by then."""
    now_s, columns = clock.now_s(), ["heard_at_s = ?"]
    if said["hotlist"] >= hotlist.version(connection) and said["allowed"] >= allow_list.version(connection):
        columns.append("lists_at_s = ?")
    connection.execute(
        f"UPDATE kiosk_sessions SET {', '.join(columns)} WHERE kiosk = ?",
        (*[now_s] * len(columns), kiosk.number),
    )
