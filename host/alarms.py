"""Alarms: what a person should look at, kept for ever."""

from typing import Any

import structlog

from host import clock
from host.db.connection import Connection

_log = structlog.get_logger()


def raise_(connection: Connection, code: str, subject: str, sentence: str) -> None:
    """Keep an alarm and log it. code is a word; subject a card, kiosk or transaction."""
    connection.execute(
        "INSERT INTO alarms (at_s, code, subject, sentence) VALUES (?, ?, ?, ?)",
        (clock.now_s(), code, subject, sentence),
    )
    _log.warning("alarm", code=code, subject=subject, sentence=sentence)


def newest(connection: Connection, before: int, limit: int) -> list[dict[str, Any]]:
    """Those with id below `before`, newest first."""
    rows = connection.execute("SELECT * FROM alarms WHERE id < ? ORDER BY id DESC LIMIT ?", (before, limit))
    return [
        {key: row[key] for key in ("id", "code", "subject", "sentence")} | {"at": row["at_s"]} for row in rows
    ]
