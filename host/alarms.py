"""Alarms: what a person should look at, kept for ever."""

from typing import Any

import structlog

from host import clock
from host.db.connection import Connection

QUIET_S = 3600
_log = structlog.get_logger()


def raise_(connection: Connection, code: str, subject: str, sentence: str) -> None:
    """Keep an alarm and log it. code is a word; subject a card, kiosk or transaction."""
    connection.execute(
        "INSERT INTO alarms (at_s, code, subject, sentence) VALUES (?, ?, ?, ?)",
        (clock.now_s(), code, subject, sentence),
    )
    _log.warning("alarm", code=code, subject=subject, sentence=sentence)


def raise_once(connection: Connection, code: str, subject: str, sentence: str) -> None:
    """The same, if none of this code about this subject was raised in the last QUIET_S: for what a kiosk can
    bring about as often as it likes."""
    recent = connection.execute(
        "SELECT 1 FROM alarms WHERE code = ? AND subject = ? AND at_s > ? LIMIT 1",
        (code, subject, clock.now_s() - QUIET_S),
    ).fetchone()
    if recent is None:
        raise_(connection, code, subject, sentence)


def newest(connection: Connection, before: int, limit: int) -> list[dict[str, Any]]:
    """Those with id below `before`, newest first."""
    rows = connection.execute("SELECT * FROM alarms WHERE id < ? ORDER BY id DESC LIMIT ?", (before, limit))
    return [
        {key: row[key] for key in ("id", "code", "subject", "sentence")} | {"at": row["at_s"]} for row in rows
    ]
