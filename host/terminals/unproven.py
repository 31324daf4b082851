"""Settlements that only a kiosk's word tells: paid by the card's log, but its Transaction MAC is overwritten.

A kiosk's word alone books nothing, or a stolen kiosk could invent debits. The card's own proofs around it
can: if the books hold the counters before and after it, both proven, and the value between them differs by
exactly this amount, the card itself has said so. Until then the report is kept apart, flagged, and its
counter stays a listed gap.
"""

import sqlite3
from typing import Any

from host import clock
from host.cards import registry
from host.ledger import purse
from host.ledger.purse import CardMove
from host.terminals.report import Answer, Report, keep_suspect, shadow
from protocol.wire import cbor, messages

REASON = "settlement without proof"


def keep(connection: sqlite3.Connection, report: Report) -> Answer:
    """Store a paid settlement without TMV, and book it if its neighbours prove it already."""
    values = report.values
    uid, issue = values["uid"], values["issue"]
    keep_suspect(connection, report, Answer(messages.FLAGGED, 0), REASON)
    if not resolve(connection, uid, issue):
        registry.flag(connection, uid, issue, REASON, report.name)
    return Answer(messages.FLAGGED, shadow(connection, uid, issue))


def resolve(connection: sqlite3.Connection, uid: bytes, issue: int) -> int:
    """Book what the card's proven moves prove by now -> how many."""
    rows = connection.execute(
        "SELECT s.body, s.kind, k.name, k.number FROM suspects s JOIN kiosks k ON k.number = s.kiosk"
        " WHERE s.reason = ? ORDER BY s.id",
        (REASON,),
    ).fetchall()
    booked = 0
    for row in rows:
        content: Any = cbor.decode(row["body"])
        values = messages.fields(row["kind"], content[1])
        if (values["uid"], values["issue"]) != (uid, issue):
            continue
        move = CardMove(uid, issue, values["tmc"], -values["amount_fen"], values["value_fen"])
        if purse.known_move(connection, uid, issue, move.tmc) is None and _proven(connection, move):
            known = registry.find(connection, uid, issue) is not None
            purse.book_sale(connection, "settlement", move, row["name"], values["happened_s"], known)
            settled(connection, row["number"], values["ref_epoch"], values["ref_counter"], 1)
            booked += 1
    return booked


def settled(connection: sqlite3.Connection, kiosk_no: int, epoch: int, counter: int, paid: int) -> None:
    """The sale that was open under this number is decided."""
    connection.execute(
        "INSERT INTO settlements (kiosk, epoch, counter, paid, at_s) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (kiosk_no, epoch, counter, paid, clock.now_s()),
    )


def _proven(connection: sqlite3.Connection, move: CardMove) -> bool:
    """Do the moves before and after leave room for exactly this one?"""
    before = purse.known_move(connection, move.uid, move.issue, move.tmc - 1)
    after = purse.known_move(connection, move.uid, move.issue, move.tmc + 1)
    if before is None or after is None:
        return False
    follows = before.value_after_fen + move.change_fen == move.value_after_fen
    return follows and move.value_after_fen + after.change_fen == after.value_after_fen
