"""Settlements that only a kiosk's word tells: paid by the card's log, but its Transaction MAC is overwritten.

A kiosk's word alone books nothing, or a stolen kiosk could invent debits. The card's own proofs around it
can: if the books hold the counters before and after it, both proven, and the value between them differs by
exactly this amount, the card itself has said so. Which kiosk it paid at the card does not say: it is the
one that told of a sale left open under that number, until another one proves the debit its own. Until then
the report is kept apart, flagged, and its counter stays a listed gap.
"""

import sqlite3
from typing import Any

from host import alarms
from host.cards import registry
from host.ledger import corrections, purse, told
from host.ledger.purse import CardMove
from host.terminals.report import Answer, Report, keep_suspect, shadow
from host.terminals.settling import settled
from protocol.wire import messages

REASON = "settlement without proof"  # the index suspects_without_proof has it too


def keep(connection: sqlite3.Connection, report: Report) -> Answer:
    """Store a paid settlement without TMV, and book it if its neighbours prove it already."""
    values = report.values
    uid, issue, tmc = values["uid"], values["issue"], values["tmc"]
    keep_suspect(connection, report, Answer(messages.FLAGGED, 0), REASON)
    if not resolve(connection, uid, issue, (tmc,)):
        registry.flag(connection, uid, issue, REASON, report.name)
        alarms.raise_(
            connection,
            "settlement-unproven",
            uid.hex().upper(),
            f"{report.name} tells a paid sale that nothing proves yet; it waits for the card's next proofs.",
        )
    return Answer(messages.FLAGGED, shadow(connection, uid, issue))


def resolve(connection: sqlite3.Connection, uid: bytes, issue: int, counters: tuple[int, ...]) -> int:
    """Book what the card's proven moves prove by now among these counters -> how many."""
    booked = 0
    for tmc in counters:
        if purse.known_move(connection, uid, issue, tmc) is not None:
            continue
        rows = connection.execute(
            "SELECT s.body, k.name, k.number FROM suspects s JOIN kiosks k ON k.number = s.kiosk"
            f" WHERE s.reason = '{REASON}' AND s.uid = ? AND s.issue = ? AND s.tmc = ? ORDER BY s.id",
            (uid, issue, tmc),
        ).fetchall()
        for row in rows:
            _kind, values = told.read(row["body"])
            if _book(connection, values, row["number"], row["name"]):
                booked += 1
                break
    return booked


def opened(connection: sqlite3.Connection, kiosk_no: int, uid: bytes, issue: int) -> None:
    """A kiosk told of an open sale: its settlement may have come first."""
    rows = connection.execute(
        f"SELECT s.tmc FROM suspects s WHERE s.reason = '{REASON}' AND s.uid = ? AND s.issue = ?"
        " AND s.kiosk = ? AND NOT EXISTS (SELECT 1 FROM card_moves m WHERE m.uid = s.uid"
        " AND m.issue = s.issue AND m.tmc = s.tmc)",
        (uid, issue, kiosk_no),
    ).fetchall()
    resolve(connection, uid, issue, tuple({row["tmc"] for row in rows}))


def take_to_its_kiosk(connection: sqlite3.Connection, report: Report, move: CardMove) -> bool:
    """A proven debit is in the books already, at this kiosk: or moved there, when only another's word had
    put it elsewhere. False: another kiosk has proved it too."""
    booked = corrections.place(connection, move)
    if booked.kiosk == report.kiosk.name:
        return True
    if booked.kiosk is None or not booked.inferred:
        return False
    corrections.move_sale(connection, move, booked.kiosk, report.kiosk.name)
    alarms.raise_(
        connection,
        "wrong-kiosk",
        booked.kiosk,
        f"{booked.kiosk} claimed {move.reference} without proof; the card proves it paid at "
        f"{report.kiosk.name}: the sale was moved there.",
    )
    return True


def _book(connection: sqlite3.Connection, values: dict[str, Any], kiosk_no: int, kiosk: str) -> bool:
    move = told.move(values)
    left_open = connection.execute(
        "SELECT 1 FROM unsettled WHERE kiosk = ? AND epoch = ? AND counter = ? AND uid = ? AND issue = ?"
        " AND amount_fen = ?",
        (kiosk_no, values["ref_epoch"], values["ref_counter"], move.uid, move.issue, -move.change_fen),
    ).fetchone()
    if left_open is None or not _proven(connection, move):
        return False
    known = registry.find(connection, move.uid, move.issue) is not None
    booked = purse.book_sale(connection, "settlement", move, kiosk, values["happened_s"], known)
    corrections.infer(connection, booked)
    settled(connection, kiosk_no, values["ref_epoch"], values["ref_counter"], 1, proven=True)
    return True


def _proven(connection: sqlite3.Connection, move: CardMove) -> bool:
    """Do the moves before and after leave room for exactly this one?"""
    before = purse.known_move(connection, move.uid, move.issue, move.tmc - 1)
    after = purse.known_move(connection, move.uid, move.issue, move.tmc + 1)
    if before is None or after is None:
        return False
    follows = before.value_after_fen + move.change_fen == move.value_after_fen
    return follows and move.value_after_fen + after.change_fen == after.value_after_fen
