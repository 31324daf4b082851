"""A debit that a kiosk reports: does the card's Transaction MAC prove it, and how does it fit the books?"""

import sqlite3

from host import alarms
from host.cards import hotlist, registry
from host.cards.proof import Proofs
from host.ledger import accounts, corrections, purse, told
from host.terminals import unproven
from host.terminals.report import Answer, Report, keep_suspect, shadow
from host.terminals.settling import settled
from protocol.card import layout, tmac
from protocol.wire import messages
from protocol.wire.messages import BAD_TMV, BOOKED, FLAGGED, HELD


def debit(connection: sqlite3.Connection, proofs: Proofs, report: Report, flags: list[str]) -> Answer:
    """Book a sale or a settlement that was paid; flags: what is odd about the report already."""
    values = report.values
    uid, issue = values["uid"], values["issue"]
    card = registry.find(connection, uid, issue)
    if "tmv" not in values and values["tmc"] > 0:
        return _without_proof(connection, report)
    if not _proven(proofs, report, card):
        return _bad_tmv(connection, report, uid, issue)
    move = told.move(values)
    if report.kind == messages.SETTLED:
        settled(connection, report.kiosk.number, values["ref_epoch"], values["ref_counter"], 1, proven=True)
    held = purse.known_move(connection, uid, issue, move.tmc)
    if held is not None:
        if held != move or not unproven.take_to_its_kiosk(connection, report, move):
            alarms.raise_(
                connection,
                "counter-twice",
                uid.hex().upper(),
                f"{report.name} proves another debit of {move.reference} than the books hold: a copied card?",
            )
        return Answer(HELD, shadow(connection, uid, issue))
    before = purse.known_move(connection, uid, issue, move.tmc - 1)
    kind = "sale" if report.kind == messages.SALE else "settlement"
    purse.book_sale(connection, kind, move, report.kiosk.name, values["happened_s"], card is not None)
    unproven.resolve(connection, uid, issue, (move.tmc - 1, move.tmc + 1))
    balance_fen = shadow(connection, uid, issue)
    found = list(flags)
    if card is None:
        found.append("unknown card")
    elif card.state != "active":
        found.append(card.state)
    elif hotlist.holds(connection, uid):
        found.append("hotlisted")
    if balance_fen < 0:
        found.append("overdraft")
    if before is not None and before.value_after_fen + move.change_fen != move.value_after_fen:
        found.append("value differs")
    for flag in found:
        registry.flag(connection, uid, issue, flag, f"{report.name}, {move.reference}")
    if card is not None and purse.has_gap(connection, uid, issue):
        found.append("gap")  # not stored: it is listed for as long as it is open
    return Answer(FLAGGED if found else BOOKED, balance_fen)


def _without_proof(connection: sqlite3.Connection, report: Report) -> Answer:
    """A settlement whose TMV the card has overwritten since: held when the books know it, else kept apart."""
    values = report.values
    uid, issue = values["uid"], values["issue"]
    move = told.move(values)
    held = purse.known_move(connection, uid, issue, move.tmc)
    if held == move and corrections.place(connection, move).kiosk == report.kiosk.name:
        settled(connection, report.kiosk.number, values["ref_epoch"], values["ref_counter"], 1, proven=False)
        return Answer(HELD, shadow(connection, uid, issue))
    return unproven.keep(connection, report)


def _proven(proofs: Proofs, report: Report, card: registry.Card | None) -> bool:
    """Does the TMV prove the debit?"""
    values = report.values
    if values["tmc"] == 0:
        return False
    if report.kind == messages.SETTLED:
        epoch, counter = values["ref_epoch"], values["ref_counter"]
    else:
        epoch, counter = report.epoch, report.counter
    amount_fen, after_fen = values["amount_fen"], values["value_fen"]
    record = layout.log_record(
        report.kiosk.number, epoch, counter, amount_fen, after_fen, values["happened_s"]
    )
    version = None if card is None else card.key_version
    tmi = tmac.debit_input(layout.FILE_VALUE, layout.FILE_LOG, after_fen + amount_fen, amount_fen, record)
    return proofs.proves(values["uid"], values["issue"], version, values["tmc"], tmi, values["tmv"])


def _bad_tmv(connection: sqlite3.Connection, report: Report, uid: bytes, issue: int) -> Answer:
    answer = Answer(BAD_TMV, shadow(connection, uid, issue))
    keep_suspect(connection, report, answer, "wrong TMV")
    hotlist.add(connection, uid, f"wrong TMV at {report.name}", accounts.kiosk_owner(report.kiosk.name))
    alarms.raise_(
        connection,
        "bad-tmv",
        uid.hex().upper(),
        f"{report.name} tells a debit that the card's Transaction MAC does not prove: card hotlisted.",
    )
    return answer
