"""Do the tables that say what happened agree with each other? Parts of verify: each finds rows that don't."""

import hashlib
import sqlite3
from typing import Any

from host.ledger import accounts, corrections, purse
from host.ledger.purse import CardMove
from protocol.wire import cbor, messages


def file(connection: sqlite3.Connection) -> list[str]:
    """SQLite's own view of the file, and rows that point at none."""
    faults = [str(row[0]) for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    return faults + [
        f"{row['table']} row {row['rowid']} points at no row of {row['parent']}" for row in broken
    ]


def reported(connection: sqlite3.Connection) -> list[str]:
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


def _not_booked(connection: sqlite3.Connection, body: bytes, kiosk: str) -> list[str]:
    content: Any = cbor.decode(body)
    values = messages.fields(content[0], content[1])
    if content[0] != messages.SALE and not (content[0] == messages.SETTLED and values["paid"]):
        return []
    move = CardMove(values["uid"], values["issue"], values["tmc"], -values["amount_fen"], values["value_fen"])
    held = purse.known_move(connection, move.uid, move.issue, move.tmc)
    if held is None:
        return [f"was acknowledged, but {move.reference} is not booked"]
    if held != move:
        return [f"tells another debit of {move.reference} than is booked"]
    place = corrections.place(connection, move).kiosk
    return [] if place == kiosk else [f"is booked as a sale of {place}"]


def watermarks(connection: sqlite3.Connection) -> list[str]:
    """What a kiosk is told to be held is held; the highest number seen is that of a report."""
    rows = connection.execute(
        "SELECT k.name, e.epoch, e.upto, e.seen_max, (SELECT count(*) FROM reports r WHERE r.kiosk = e.kiosk"
        " AND r.epoch = e.epoch AND r.counter <= e.upto) AS held, (SELECT coalesce(max(r.counter), 0)"
        " FROM reports r WHERE r.kiosk = e.kiosk AND r.epoch = e.epoch) AS newest FROM kiosk_epochs e"
        " JOIN kiosks k ON k.number = e.kiosk WHERE held <> e.upto OR newest <> e.seen_max"
    )
    return [
        f"kiosk {row['name']} epoch {row['epoch']}: {row['upto']} acknowledged in a row, {row['held']} held; "
        f"seen up to {row['seen_max']}, held up to {row['newest']}"
        for row in rows
    ]


def amounts(connection: sqlite3.Connection) -> list[str]:
    """A card's move, the entry of its transaction and its top-up say the same."""
    rows = connection.execute(
        "SELECT m.uid, m.issue, m.tmc, m.change_fen, m.transaction_id AS id, (SELECT sum(e.amount)"
        " FROM entries e JOIN accounts a ON a.id = e.account_id WHERE e.transaction_id = m.transaction_id"
        " AND (a.kind = 'suspense' OR a.kind = 'card' AND a.owner = 'card:' || hex(m.uid) || ':' || m.issue))"
        " AS entered, t.kind, l.amount_fen, l.tmc AS load_tmc, l.value_after_fen - m.value_after_fen AS apart"
        " FROM card_moves m LEFT JOIN transactions t ON t.id = m.transaction_id"
        " LEFT JOIN card_loads l ON l.transaction_id = m.transaction_id WHERE entered IS NOT m.change_fen"
        " OR t.kind = 'load' AND (l.amount_fen IS NOT m.change_fen OR load_tmc IS NOT m.tmc OR apart <> 0)"
    )
    return [
        f"card {row['uid'].hex().upper()} issue {row['issue']} TMC {row['tmc']} moves {row['change_fen']}, "
        f"transaction {row['id']} enters {row['entered']}"
        + (f", its top-up says {row['amount_fen']} at TMC {row['load_tmc']}" if row["kind"] == "load" else "")
        for row in rows
    ]


def chain(connection: sqlite3.Connection) -> list[str]:
    """From one counter of a card to the next, the value differs by what moved; before the first it is 0."""
    rows = connection.execute(
        "SELECT uid, issue, tmc, change_fen, value_after_fen, before FROM (SELECT *, CASE WHEN tmc = 1 THEN 0"
        " WHEN lag(tmc) OVER card = tmc - 1 THEN lag(value_after_fen) OVER card END AS before FROM card_moves"
        " WINDOW card AS (PARTITION BY uid, issue ORDER BY tmc)) WHERE before + change_fen <> value_after_fen"
    )
    return [
        f"card {row['uid'].hex().upper()} issue {row['issue']} TMC {row['tmc']}: {row['before']} and "
        f"{row['change_fen']} do not make {row['value_after_fen']}"
        for row in rows
    ]


def places(connection: sqlite3.Connection) -> list[str]:
    """The income of a sale is on the account of its kiosk."""
    rows = connection.execute(
        "SELECT t.id, t.kiosk FROM transactions t WHERE t.kind IN ('sale', 'settlement', 'correction')"
        " AND NOT EXISTS (SELECT 1 FROM entries e JOIN accounts a ON a.id = e.account_id"
        " WHERE e.transaction_id = t.id AND e.amount > 0 AND a.kind = 'sales'"
        " AND a.owner = 'kiosk:' || t.kiosk)"
    )
    return [f"transaction {row['id']} of kiosk {row['kiosk']} earns nothing there" for row in rows]


def lives(connection: sqlite3.Connection) -> list[str]:
    """Every card that money moved on has a life in the registry."""
    living = {
        accounts.card_owner(row["uid"], row["issue"])
        for row in connection.execute("SELECT DISTINCT uid, issue FROM card_states")
    }
    rows = connection.execute(
        "SELECT a.owner FROM accounts a WHERE a.kind = 'card'"
        " AND EXISTS (SELECT 1 FROM entries e WHERE e.account_id = a.id)"
    )
    return [f"{row['owner']} has entries but no state" for row in rows if row["owner"] not in living]
