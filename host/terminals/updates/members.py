"""Which kiosks are in a roll-out and where each stands, as the books tell."""

import json
from collections.abc import Iterator
from dataclasses import replace

from host.db.connection import Connection
from host.terminals.fleet import revoked
from host.terminals.updates import holds
from host.terminals.updates.stages import Member, Shop
from protocol.wire import faults, image_file, updates

FAILURES = (updates.REFUSED, updates.BACK)


def members(connection: Connection, rollout: int) -> dict[int, Member]:
    """By the kiosk's number."""
    rows = connection.execute(
        "SELECT m.kiosk, k.name, m.stage, m.at_s, s.heard_at_s, w.state, w.reason, w.at_s"
        " FROM rollout_kiosks m JOIN kiosks k ON k.number = m.kiosk AND k.issue = m.issue"
        " JOIN kiosk_sessions s ON s.kiosk = m.kiosk"
        " LEFT JOIN rollout_words w ON w.rollout = m.rollout AND w.kiosk = m.kiosk AND w.issue = m.issue"
        " WHERE m.rollout = ? ORDER BY m.stage, k.name",
        (rollout,),
    ).fetchall()
    found: dict[int, Member] = {}
    gone = revoked.numbers(connection) | holds.numbers(connection, rollout)  # nobody waits for their word
    shops = dict(_shops(connection))
    for kiosk, name, stage, joined_s, heard_s, state, reason, at_s in rows:
        if kiosk in gone:
            continue
        one = found.get(kiosk) or Member(name, stage, heard_s or 0, joined_s, shop=shops.get(kiosk, Shop()))
        if state == updates.SWITCHING:
            one = replace(one, switching_s=at_s)
        elif state == updates.CONFIRMED:
            one = replace(one, confirmed_s=at_s)
        elif state in FAILURES:
            one = replace(one, failed=reason or "refused")
        found[kiosk] = one
    for kiosk in _restarted(connection, rollout):
        if kiosk in found and not found[kiosk].failed:
            found[kiosk] = replace(found[kiosk], failed="restarted")
    return found


def _shops(connection: Connection) -> Iterator[tuple[int, Shop]]:
    """Of each kiosk that has a configuration. Those that show the same name of a shop stand in one."""
    rows = connection.execute(
        "SELECT c.kiosk, c.title, c.hours, c.utc_offset_min, s.heard_at_s FROM kiosk_configs c"
        " JOIN kiosk_sessions s ON s.kiosk = c.kiosk"
        " WHERE c.version = (SELECT max(version) FROM kiosk_configs n WHERE n.kiosk = c.kiosk)"
    ).fetchall()
    gone = revoked.numbers(connection)
    alive = sorted(((at_s, kiosk) for kiosk, *_, at_s in rows if at_s and kiosk not in gone), reverse=True)
    fleet = _half_s(alive)
    heard: dict[str, list[tuple[int, int]]] = {}  # title -> its kiosks, the one heard of last at the head
    for kiosk, title, _hours, _offset, heard_s in rows:
        heard.setdefault(title, []).append((heard_s or 0, kiosk))
    for title in heard:
        heard[title].sort(reverse=True)
    for kiosk, title, hours, offset_min, _ in rows:
        others = [at_s for at_s, other in heard[title][:2] if other != kiosk] if title else []
        spans = tuple((first, last) for first, last in json.loads(hours))
        yield kiosk, Shop(spans, offset_min, others[0] if others else None, fleet.get(kiosk))


def _half_s(alive: list[tuple[int, int]]) -> dict[int, int]:
    """Of each kiosk: since when half of all others were heard of. alive: (when, kiosk), the newest first."""
    middle = (len(alive) - 2) // 2  # among all others
    if middle < 0:
        return {}
    return {kiosk: alive[middle + (at <= middle)][0] for at, (_, kiosk) in enumerate(alive)}


def _restarted(connection: Connection, rollout: int) -> list[int]:
    """Kiosks that the new firmware started again by itself, before its soak time was over."""
    row = connection.execute("SELECT version, soak_s FROM rollouts WHERE id = ?", (rollout,)).fetchone()
    rows = connection.execute(
        "SELECT DISTINCT f.kiosk FROM kiosk_faults f"
        " JOIN kiosks k ON k.number = f.kiosk"
        " JOIN rollout_kiosks m ON m.kiosk = f.kiosk AND m.issue = k.issue AND m.rollout = ?"
        " LEFT JOIN rollout_words c"
        " ON c.kiosk = f.kiosk AND c.issue = m.issue AND c.rollout = m.rollout AND c.state = ?"
        " WHERE f.source = ? AND f.firmware = ? AND f.received_s >= m.at_s"
        " AND (c.at_s IS NULL OR f.received_s <= c.at_s + ?)",
        (rollout, updates.CONFIRMED, faults.RESTART, image_file.text(row["version"]), row["soak_s"]),
    ).fetchall()
    return [row["kiosk"] for row in rows]
