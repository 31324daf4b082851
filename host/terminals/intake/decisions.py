"""What the books make of one authentic report. A report is a fact: booked, and flagged if it does not fit.

Known by (kiosk, epoch, counter) with a hash of its content: the same again gets the same answer, other
content under a used number is alarmed. A debit is known by (UID, issue, TMC) besides, which no kiosk can
forge.
"""

from host import alarms
from host.ledger import told
from host.terminals.doubt import refusals, suspects, unproven
from host.terminals.doubt.refusals import Refusal
from host.terminals.doubt.settling import settled
from host.terminals.reported.report import Report
from host.terminals.reported.work import Answer, Work
from host.terminals.sales import entries, payments, till
from host.terminals.sales.debits import debit
from host.terminals.talk import missing
from protocol.wire import messages, online, resend
from protocol.wire.messages import BOOKED, FLAGGED


def decide(work: Work, report: Report) -> Answer | None:
    """Book, keep or recognise one report; None for what was refused and cannot be answered."""
    if isinstance(report, Refusal):
        return refusals.decide(work, report)
    known = work.known(report)
    if known is not None:
        digest, answer = known
        return answer if digest == report.digest else _reused(work, report)
    answer = _judge(work, report, [])
    work.remember(report, answer)
    if "order" in report.values:
        till.noted(work, report, answer)
    return answer


def _reused(work: Work, report: Report) -> Answer:
    """Other content under a used number: a debit the card proves is booked, the rest kept apart."""
    kept = suspects.kept(work.connection, report)
    if kept is not None:
        return Answer(*kept)
    alarms.raise_once(
        work.connection,
        "number-reused",
        report.kiosk.name,
        f"{report.name} came a second time with other content.",
    )
    values = report.values
    if "tmv" in values and values.get("paid", 1):
        answer = _judge(work, report, ["reused number"])
    else:
        answer = Answer(FLAGGED, work.shadow(values["uid"], values["issue"]) if "issue" in values else 0)
    suspects.keep_suspect(work.connection, report, answer.code, answer.balance_fen, "number reused")
    return answer


def _judge(work: Work, report: Report, flags: list[str]) -> Answer:
    values = report.values
    if told.is_debit(report.kind, values):
        return debit(work, report, flags)
    if report.kind in online.ENDS:
        return entries.ended(work, report) or payments.ended(work, report)
    if report.kind == resend.ABSENT:
        return missing.absent(work, report)
    uid, issue, kiosk = values["uid"], values["issue"], report.kiosk.number
    if report.kind == messages.UNSETTLED:
        work.connection.execute(
            "INSERT INTO unsettled (kiosk, epoch, counter, uid, issue, amount_fen, happened_s, tmc,"
            " value_fen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(kiosk, report.epoch, report.counter, uid, issue, values["amount_fen"]),
                *(values["happened_s"], values["tmc"], values["value_fen"]),
            ),
        )
        unproven.opened(work, kiosk, uid, issue, values["tmc"])
    elif report.kind == messages.SETTLED:
        settled(work.connection, kiosk, values["ref_epoch"], values["ref_counter"], 0, proven=False)
    return Answer(BOOKED, work.shadow(uid, issue))
