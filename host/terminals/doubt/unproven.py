"""Settlements that only a kiosk's word tells: paid by the card's log, but its Transaction MAC is overwritten.

A kiosk's word alone books nothing, or a stolen kiosk could invent debits. The card's own proofs around it
can: if the books hold the counters before and after it, both proven, and the value between them differs by
exactly this amount, the card itself has said so. Which kiosk it paid at the card does not say: it is the
one that told of a sale left open under that number, until another one proves the debit its own. Until then
the report is kept apart, flagged, and its counter stays a listed gap. That the kiosk says "paid" is not even
needed: see left_open.
"""

from typing import Any

from host import alarms
from host.cards import registry
from host.db.connection import Row
from host.ledger import corrections, late, purse, told
from host.ledger.purse import CardMove
from host.ledger.terms import Purse
from host.terminals.doubt import left_open, open_sales, suspects
from host.terminals.doubt.settling import settled
from host.terminals.reported.report import Report
from host.terminals.reported.work import Answer, Work
from protocol.wire import messages

REASON = "settlement without proof"  # the index suspects_without_proof has it too


def keep(work: Work, report: Report) -> Answer:
    """Store a paid settlement without TMV, and book it if its neighbours prove it already."""
    values = report.values
    uid, issue, tmc = values["uid"], values["issue"], values["tmc"]
    kept = suspects.keep_suspect(work.connection, report, messages.FLAGGED, 0, REASON)
    number = purse.find(work.connection, uid, issue)
    if number is not None:
        work.books.load([number])
    if kept and (number is None or not resolve(work, work.books.purses[number], (tmc,))):
        registry.flag(work.connection, uid, issue, REASON, report.name)
        alarms.raise_once(
            work.connection,
            "settlement-unproven",
            uid.hex().upper(),
            f"{report.name} tells a paid sale that nothing proves yet; it waits for the card's next proofs.",
        )
    return Answer(messages.FLAGGED, work.shadow(uid, issue))


def resolve(work: Work, found: Purse, counters: tuple[int, ...]) -> int:
    """Book what the card's proven moves prove by now among these counters -> how many."""
    booked = 0
    for tmc in counters:
        if purse.is_booked(work.connection, found, tmc):
            continue
        rows = work.connection.execute(
            "SELECT s.body, k.name, k.number FROM suspects s JOIN kiosks k ON k.number = s.kiosk"
            f" WHERE s.reason = '{REASON}' AND s.uid = ? AND s.issue = ? AND s.tmc = ? ORDER BY s.id",
            (found.uid, found.issue, tmc),
        ).fetchall()
        if not rows and not open_sales.of_card(work.connection, found.uid, found.issue):
            continue
        room = room_for(work, found, tmc)
        if room is not None and (_claimed(work, found, room, rows) or left_open.fill(work, found, room)):
            booked += 1
    return booked


def _claimed(work: Work, found: Purse, room: CardMove, rows: list[Row]) -> bool:
    for row in rows:
        _kind, values = told.read(bytes(row["body"]))
        if told.move(values) == room and _book(work, found, values, row["number"], row["name"]):
            return True
    return False


def opened(work: Work, kiosk_no: int, uid: bytes, issue: int, tmc: int) -> None:
    """A kiosk told of an open sale, after this counter: its settlement, or what other kiosks saw of the card,
    may have come first."""
    number = work.facts.of(work.connection, uid, issue).purse
    if number is None:
        return
    work.books.load([number])
    found = work.books.purses[number]
    left_open.refute(work, found)
    if not found.missing:
        return
    rows = work.connection.execute(
        f"SELECT DISTINCT s.tmc FROM suspects s WHERE s.reason = '{REASON}' AND s.uid = ? AND s.issue = ?"
        " AND s.kiosk = ? ORDER BY s.tmc",
        (uid, issue, kiosk_no),
    ).fetchall()
    resolve(work, found, tuple(sorted({tmc + 1, *(row["tmc"] for row in rows)})))


def take_to_its_kiosk(work: Work, report: Report, number: int, move: CardMove) -> bool:
    """A proven debit is in the books already, as this transaction, at this kiosk: or moved there, when only
    another's word had put it elsewhere. False: another kiosk has proved it too."""
    booked = corrections.place(work.connection, number, move)
    if booked.kiosk == report.kiosk.name:
        return True
    if booked.kiosk is None or not booked.inferred:
        return False
    corrections.move_sale(work.books, move, booked.kiosk, report.kiosk.name)
    alarms.raise_(
        work.connection,
        "wrong-kiosk",
        booked.kiosk,
        f"{booked.kiosk} claimed {move.reference} without proof; the card proves it paid at "
        f"{report.kiosk.name}: the sale was moved there.",
    )
    return True


def _book(work: Work, found: Purse, values: dict[str, Any], kiosk_no: int, kiosk: str) -> bool:
    move = told.move(values)
    left_open = work.connection.execute(
        "SELECT 1 FROM unsettled WHERE kiosk = ? AND epoch = ? AND counter = ? AND uid = ? AND issue = ?"
        " AND amount_fen = ?",
        (kiosk_no, values["ref_epoch"], values["ref_counter"], move.uid, move.issue, -move.change_fen),
    ).fetchone()
    if left_open is None:
        return False
    booked = purse.book_sale(work.books, "settlement", found, move, kiosk, values["happened_s"])
    corrections.infer(work.books, booked)
    late.cover(work.books, found, move.tmc)
    settled(work.connection, kiosk_no, values["ref_epoch"], values["ref_counter"], 1, proven=True)
    return True


def room_for(work: Work, found: Purse, tmc: int) -> CardMove | None:
    """The one debit for which the proven moves before and after leave room; None when they prove none, or lie
    too many moves back."""
    work.flush()
    try:
        before = purse.moved(work.connection, found.uid, found.issue, tmc - 1)
        after = before and purse.moved(work.connection, found.uid, found.issue, tmc + 1)
    except purse.TooFar:
        return None
    if before is None or after is None:
        return None
    value_fen = after[1].value_after_fen - after[1].change_fen
    return CardMove(found.uid, found.issue, tmc, value_fen - before[1].value_after_fen, value_fen)
