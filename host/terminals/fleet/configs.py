"""What kiosks are told to do: their configurations, each version kept, with who gave it and when."""

import json
from dataclasses import asdict, astuple, dataclass, fields
from typing import Any

from host import clock
from host.db.connection import Connection
from host.terminals.fleet import glyphs, locked
from protocol.wire import config as wire
from protocol.wire.kinds import AMOUNT_FEN_MAX

VERDICT_WAIT_MS = 300
OFFLINE_TOTAL_FEN = 100_000
OFFLINE_CARD_FEN, OFFLINE_CARD_COUNT = 30_000, 20
OFFLINE_MAX_AGE_H = 96
UTC_OFFSET_MIN = 480
SHOWN = 20
BOTH, IN, OUT = "both", "in", "out"

Span = tuple[int, ...]  # from, to in minutes of the local day; () for none


@dataclass(frozen=True)
class Config:
    """What a kiosk is told to do; fields as in the message `config` (docs/protocol.md)."""

    price_fen: int
    language: str = "zh"
    verdict_wait_ms: int = VERDICT_WAIT_MS
    offline_total_fen: int = OFFLINE_TOTAL_FEN
    offline_card_fen: int = OFFLINE_CARD_FEN
    offline_card_count: int = OFFLINE_CARD_COUNT
    offline_max_age_h: int = OFFLINE_MAX_AGE_H
    mode: str = "fixed"
    prices: tuple[tuple[str, int], ...] = ()
    max_fen: int = AMOUNT_FEN_MAX
    quiet: Span = ()
    hours: tuple[Span, ...] = ()
    utc_offset_min: int = UTC_OFFSET_MIN
    title: str = ""
    way: str = BOTH  # of a door: the host's own, no kiosk is told


_NAMES = [one.name for one in fields(Config)]
_COLUMNS = ", ".join(_NAMES)
_LISTS = ("prices", "quiet", "hours")  # kept as JSON


def told(config: Config) -> dict[str, Any]:
    """The fields of the message, without those that have their usual value."""
    values = {name: _thawed(value) for name, value in zip(_NAMES, astuple(config), strict=True)}
    words = (
        [config.title, *(label for label, _ in config.prices)] if config.mode == "list" else [config.title]
    )
    values["glyphs"] = glyphs.of("".join(words))
    del values["way"]
    return {name: value for name, value in values.items() if wire.DEFAULTS.get(name) != value}


def newest(connection: Connection, kiosk_no: int) -> tuple[int, Config | None]:
    """(version, configuration); (0, None) before there is one."""
    row = connection.execute(
        f"SELECT version, {_COLUMNS} FROM kiosk_configs WHERE kiosk = ? ORDER BY version DESC LIMIT 1",
        (kiosk_no,),
    ).fetchone()
    if row is None:
        return 0, None
    version, *values = row
    return version, _kept(values)


def local_s(connection: Connection, kiosk_no: int, at_s: int) -> int:
    """What the clock on a kiosk's wall shows then, as seconds since 1970 there."""
    config = newest(connection, kiosk_no)[1]
    return at_s + 60 * (UTC_OFFSET_MIN if config is None else config.utc_offset_min)


def history(connection: Connection, name: str) -> list[dict[str, Any]]:
    """The last SHOWN versions of a kiosk, by its name, the newest first: version, who, at,
    rejected (why, or None), config."""
    rows = connection.execute(
        f"SELECT kiosk, version, who, at_s, {_COLUMNS} FROM kiosk_configs JOIN kiosks k ON k.number = kiosk"
        f" WHERE k.name = ? ORDER BY version DESC LIMIT {SHOWN}",
        (name,),
    ).fetchall()
    return [
        {
            "version": version,
            "who": who,
            "at": at_s,
            "rejected": rejection(connection, kiosk, version),
            "config": asdict(_kept(values)),
        }
        for kiosk, version, who, at_s, *values in rows
    ]


def reject(connection: Connection, kiosk_no: int, version: int, why: str) -> bool:
    """A kiosk says that it will not work by this version; False when that is known, or it never had it."""
    sql = (
        "INSERT INTO config_rejections (kiosk, version, why, at_s)"
        " SELECT kiosk, version, ?, ? FROM kiosk_configs WHERE kiosk = ? AND version = ?"
        " ON CONFLICT DO NOTHING"
    )
    return bool(connection.execute(sql, (why, clock.now_s(), kiosk_no, version)).rowcount)


def rejection(connection: Connection, kiosk_no: int, version: int) -> str | None:
    """Why a kiosk does not work by this version; None when it did not say so."""
    sql = "SELECT why FROM config_rejections WHERE kiosk = ? AND version = ?"
    row = connection.execute(sql, (kiosk_no, version)).fetchone()
    return None if row is None else str(row["why"])


def count_by(connection: Connection, kiosk_no: int, who: str) -> int:
    """How many versions of a kiosk's configuration came about so."""
    row = connection.execute(
        "SELECT count(*) AS n FROM kiosk_configs WHERE kiosk = ? AND who = ?", (kiosk_no, who)
    ).fetchone()
    return int(row["n"])


def _kept(values: list[Any]) -> Config:
    content = dict(zip(_NAMES, values, strict=True))
    return Config(**content | {name: frozen(json.loads(content[name])) for name in _LISTS})


def add(connection: Connection, kiosk_no: int, config: Config, who: str, above: int = 0) -> int:
    """A new version, above the newest and above `above`: its number."""
    locked.kiosks(connection, [kiosk_no])  # a hello may raise the number at the same time
    version = max(newest(connection, kiosk_no)[0], above) + 1
    content = dict(zip(_NAMES, astuple(config), strict=True))
    content |= {name: json.dumps(content[name], ensure_ascii=False) for name in _LISTS}
    row = (kiosk_no, version, who, clock.now_s(), *content.values())
    connection.insert("kiosk_configs", f"kiosk, version, who, at_s, {_COLUMNS}", [row])
    return version


def frozen(value: Any) -> Any:
    """Lists as tuples, all the way down."""
    return tuple(frozen(one) for one in value) if isinstance(value, list) else value


def _thawed(value: Any) -> Any:
    return [_thawed(one) for one in value] if isinstance(value, tuple) else value
