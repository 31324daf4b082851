"""Authentic messages that are no fact, or that are no message of this protocol: kept for a person."""

from host import clock
from host.db.connection import Connection, Row
from host.terminals.report import Report


def keep_suspect(connection: Connection, report: Report, code: int, balance_fen: int, reason: str) -> None:
    """Store an authentic report apart, once, with the answer it got."""
    values = report.values
    connection.execute(
        "INSERT INTO suspects (kiosk, epoch, counter, kind, sha256, body, uid, issue, tmc, code, balance_fen,"
        " reason, received_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            *(report.kiosk.number, report.epoch, report.counter, report.kind, report.digest, report.encoded),
            *(values.get("uid"), values.get("issue"), values.get("tmc"), code, balance_fen, reason),
            clock.now_s(),
        ),
    )


def kept(connection: Connection, report: Report) -> tuple[int, int] | None:
    """(code, balance_fen) that this very content was answered with when it was kept; None when it was not."""
    row = connection.execute(
        "SELECT code, balance_fen FROM suspects WHERE kiosk = ? AND epoch = ? AND counter = ? AND sha256 = ?",
        (report.kiosk.number, report.epoch, report.counter, report.digest),
    ).fetchone()
    return None if row is None else (row[0], row[1])


def newest(connection: Connection, before: int, limit: int) -> list[Row]:
    """Rows of what is kept apart with id below `before`, newest first, with the kiosk's name."""
    return connection.execute(
        "SELECT s.*, k.name FROM suspects s JOIN kiosks k ON k.number = s.kiosk WHERE s.id < ?"
        " ORDER BY s.id DESC LIMIT ?",
        (before, limit),
    ).fetchall()


def refused(connection: Connection, before: int, limit: int) -> list[Row]:
    """Refusals with id below `before`, newest first, with the kiosk's name."""
    return connection.execute(
        "SELECT r.*, k.name FROM refusals r JOIN kiosks k ON k.number = r.kiosk WHERE r.id < ?"
        " ORDER BY r.id DESC LIMIT ?",
        (before, limit),
    ).fetchall()
