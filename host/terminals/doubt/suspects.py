"""Authentic messages that are no fact, or that are no message of this protocol: kept for a person."""

from host import alarms, clock
from host.db.connection import Connection, Row
from host.terminals.reported.report import Report

ROWS_MAX = 10_000  # of one kiosk


def keep_suspect(connection: Connection, report: Report, code: int, balance_fen: int, reason: str) -> bool:
    """Store an authentic report apart, once, with the answer it got. Was it? Of a kiosk that has ROWS_MAX
    already it is only counted."""
    values, kiosk = report.values, report.kiosk
    (count,) = connection.execute(
        "SELECT suspects FROM kiosk_sessions WHERE kiosk = ?", (kiosk.number,)
    ).fetchone()
    if count < ROWS_MAX:
        inserted = connection.execute(
            "INSERT INTO suspects (kiosk, epoch, counter, kind, sha256, body, uid, issue, tmc, code,"
            " balance_fen, reason, received_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (
                *(kiosk.number, report.epoch, report.counter, report.kind, report.digest, report.encoded),
                *(values.get("uid"), values.get("issue"), values.get("tmc"), code, balance_fen, reason),
                clock.now_s(),
            ),
        ).rowcount
        if not inserted:
            return False
    connection.execute("UPDATE kiosk_sessions SET suspects = suspects + 1 WHERE kiosk = ?", (kiosk.number,))
    if count + 1 == ROWS_MAX:
        sentence = f"{ROWS_MAX} suspect reports of {kiosk.name} are kept; later ones are only counted."
        alarms.raise_(connection, "suspects-full", kiosk.name, sentence)
    return bool(count < ROWS_MAX)


def kept(connection: Connection, report: Report) -> tuple[int, int] | None:
    """(code, balance_fen) that this very content was answered with when it was kept; None when it was not."""
    row = connection.execute(
        "SELECT code, balance_fen FROM suspects WHERE kiosk = ? AND epoch = ? AND counter = ? AND sha256 = ?",
        (report.kiosk.number, report.epoch, report.counter, report.digest),
    ).fetchone()
    return None if row is None else (row[0], row[1])


def booked(connection: Connection, kiosk_no: int, epoch: int, counter: int) -> int | None:
    """The transaction by which two persons booked what was kept under this number; None: they did not."""
    row = connection.execute(
        "SELECT d.transaction_id FROM suspects s JOIN suspect_decisions d ON d.suspect = s.id"
        " WHERE s.kiosk = ? AND s.epoch = ? AND s.counter = ? AND d.booked = 1",
        (kiosk_no, epoch, counter),
    ).fetchone()
    return None if row is None else row["transaction_id"]


def newest(connection: Connection, before: int, limit: int) -> list[Row]:
    """Rows of what is kept apart with id below `before`, newest first, with the kiosk's name; booked: 1 or 0
    when two persons have decided."""
    return connection.execute(
        "SELECT s.*, k.name, d.booked FROM suspects s JOIN kiosks k ON k.number = s.kiosk"
        " LEFT JOIN suspect_decisions d ON d.suspect = s.id WHERE s.id < ? ORDER BY s.id DESC LIMIT ?",
        (before, limit),
    ).fetchall()


def refused(connection: Connection, before: int, limit: int) -> list[Row]:
    """Refusals with id below `before`, newest first, with the kiosk's name."""
    return connection.execute(
        "SELECT r.*, k.name FROM refusals r JOIN kiosks k ON k.number = r.kiosk WHERE r.id < ?"
        " ORDER BY r.id DESC LIMIT ?",
        (before, limit),
    ).fetchall()
