"""What no single query tells: is the file whole, and is booked what was reported? Parts of verify."""

import hashlib

from host.db.connection import Connection
from host.ledger import corrections, purse, told
from protocol.wire import messages


def file(connection: Connection) -> list[str]:
    """SQLite's own view of the file, and rows that point at none."""
    faults = [str(row[0]) for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    return faults + [
        f"{row['table']} row {row['rowid']} points at no row of {row['parent']}" for row in broken
    ]


def reported(connection: Connection) -> list[str]:
    """Every report is as it came; every debit that was acknowledged as booked is booked, for that kiosk."""
    faults = []
    rows = connection.execute(
        "SELECT r.kiosk, k.name, r.epoch, r.counter, r.sha256, r.body, (r.code = ? OR r.code = ?"
        " AND NOT EXISTS (SELECT 1 FROM suspects s WHERE s.kiosk = r.kiosk AND s.epoch = r.epoch"
        " AND s.counter = r.counter AND s.sha256 = r.sha256)) AS is_fact"
        " FROM reports r LEFT JOIN kiosks k ON k.number = r.kiosk",
        (messages.BOOKED, messages.FLAGGED),
    )
    for row in rows:
        name = f"report {row['name'] or row['kiosk']} {row['epoch']}.{row['counter']}"
        if hashlib.sha256(row["body"]).digest() != row["sha256"]:
            faults.append(f"{name} is not what came: its hash differs")
        elif row["is_fact"]:
            faults += [f"{name} {fault}" for fault in _not_booked(connection, row["body"], row["name"])]
    return faults


def _not_booked(connection: Connection, body: bytes, kiosk: str) -> list[str]:
    kind, values = told.read(body)
    if not told.is_debit(kind, values):
        return []
    move = told.move(values)
    held = purse.known_move(connection, move.uid, move.issue, move.tmc)
    if held is None:
        return [f"was acknowledged, but {move.reference} is not booked"]
    if held != move:
        return [f"tells another debit of {move.reference} than is booked"]
    place = corrections.place(connection, move).kiosk
    return [] if place == kiosk else [f"is booked as a sale of {place}"]
