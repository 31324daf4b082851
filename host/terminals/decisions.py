"""What the books make of one authentic report. A report is a fact: booked, and flagged if it does not fit.

Known by (kiosk, epoch, counter) with a hash of its content: the same again gets the same answer, other
content under a used number is alarmed. A debit is known by (UID, issue, TMC) besides, which no kiosk can
forge.
"""

import sqlite3

from host import alarms, clock
from host.cards.proof import Proofs
from host.ledger import told
from host.terminals import sequences, unproven
from host.terminals.debits import debit
from host.terminals.report import Answer, Report, keep_suspect, shadow
from host.terminals.settling import settled
from protocol.wire import messages
from protocol.wire.messages import BOOKED, FLAGGED


def decide(connection: sqlite3.Connection, proofs: Proofs, report: Report) -> Answer:
    """Book, keep or recognise one report. Call inside a write transaction."""
    digest = report.digest
    number = (report.kiosk.number, report.epoch, report.counter)
    known = connection.execute(
        "SELECT sha256, code, balance_fen FROM reports WHERE kiosk = ? AND epoch = ? AND counter = ?", number
    ).fetchone()
    if known is not None and known["sha256"] != digest:
        return _reused(connection, proofs, report, digest)
    if known is not None:
        return Answer(known["code"], known["balance_fen"])
    answer = _judge(connection, proofs, report, [])
    remember(connection, report, answer)
    return answer


def remember(connection: sqlite3.Connection, report: Report, answer: Answer) -> None:
    """This number was answered so, for ever."""
    number = (report.kiosk.number, report.epoch, report.counter)
    connection.execute(
        "INSERT INTO reports (kiosk, epoch, counter, kind, sha256, body, code, balance_fen, received_s)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (*number, report.kind, report.digest, report.encoded, answer.code, answer.balance_fen, clock.now_s()),
    )
    sequences.note(connection, report.kiosk.number, report.epoch)


def _reused(connection: sqlite3.Connection, proofs: Proofs, report: Report, digest: bytes) -> Answer:
    """Other content under a used number: a debit the card proves is booked, the rest kept apart."""
    kept = connection.execute(
        "SELECT code, balance_fen FROM suspects WHERE kiosk = ? AND epoch = ? AND counter = ? AND sha256 = ?",
        (report.kiosk.number, report.epoch, report.counter, digest),
    ).fetchone()
    if kept is not None:
        return Answer(kept["code"], kept["balance_fen"])
    alarms.raise_(
        connection,
        "number-reused",
        report.kiosk.name,
        f"{report.name} came a second time with other content.",
    )
    values = report.values
    if "tmv" in values and values.get("paid", 1):
        answer = _judge(connection, proofs, report, ["reused number"])
    else:
        answer = Answer(FLAGGED, shadow(connection, values["uid"], values["issue"]))
    keep_suspect(connection, report, answer, "number reused")
    return answer


def _judge(connection: sqlite3.Connection, proofs: Proofs, report: Report, flags: list[str]) -> Answer:
    values = report.values
    uid, issue = values["uid"], values["issue"]
    if told.is_debit(report.kind, values):
        return debit(connection, proofs, report, flags)
    if report.kind == messages.UNSETTLED:
        connection.execute(
            "INSERT INTO unsettled (kiosk, epoch, counter, uid, issue, amount_fen, happened_s)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                report.kiosk.number,
                report.epoch,
                report.counter,
                uid,
                issue,
                values["amount_fen"],
                values["happened_s"],
            ),
        )
        unproven.opened(connection, report.kiosk.number, uid, issue)
    elif report.kind == messages.SETTLED:
        settled(connection, report.kiosk.number, values["ref_epoch"], values["ref_counter"], 0, proven=False)
    return Answer(BOOKED, shadow(connection, uid, issue))
