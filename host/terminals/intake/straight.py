"""The straight way of a plain sale: next of its kiosk, next of its card, and nothing odd about it.

So are nearly all of them, by the thousand when kiosks come back. The decisions beside this would decide and
book just the same: a test holds the two against each other.
"""

from host.cards import proof
from host.terminals.fleet.kiosks import KIOSK
from host.terminals.intake.pattern import PATTERNS
from host.terminals.reported.report import Report
from host.terminals.reported.work import Work
from protocol.wire.messages import BOOKED, MESSAGES, SALE

PLAIN = tuple(row[1] for row in MESSAGES[SALE][2] if row[6])  # its fields; one for a till has another
# The very list that every sale has which was opened as it should be: no other kind's, and quick to compare.
_NAMES = next(pattern.names for pattern in PATTERNS if (pattern.kind, pattern.names) == (SALE, PLAIN))


def book(work: Work, batch: list[Report], end: int) -> None:
    """From work.at on, book each plain sale and note its verdict; work.at comes to rest at the first report
    that is none, with which nothing is done, or at `end`. An exception is that one's."""
    books, senders, facts = work.books, work.senders, work.facts.known
    purses, accounts, booked_s = books.purses, books.accounts, books.booked_s
    for at in range(work.at, end):
        work.at = at
        report = batch[at]
        told, kiosk, counter = report.told, report.kiosk, report.counter
        if report.names is not _NAMES or kiosk.kind != KIOSK:
            return
        sender = senders.get((kiosk.number, report.epoch))
        if sender is None or sender.seller is None or sender.kiosk is not kiosk:
            return
        held = sender.held
        if counter != held.upto + 1 and held.holds(counter):
            return
        uid, issue, amount_fen, tmc, _tmv, value_fen, happened_s = told
        issues = facts.get(uid)
        fact = issues.get(issue) if issues is not None else None
        if fact is None or fact.version is None or fact.purse is None:
            return
        purse, version = purses.get(fact.purse), fact.version
        if purse is None:
            return
        if report.proven != version and not _is_proven(work, report, version):
            return
        number = books.sell(purse, sender.seller, tmc, amount_fen, value_fen, happened_s)
        if number is None:
            return
        held.take(counter)
        balance_fen = accounts[fact.purse].balance
        sender.verdicts.append((counter, BOOKED, balance_fen))
        sender.rows += (
            kiosk.number,
            sender.epoch,
            counter,
            SALE,
            report.digest,
            report.encoded,
            BOOKED,
            balance_fen,
            number,
            booked_s,
        )
    work.at = end


def _is_proven(work: Work, report: Report, version: int) -> bool:
    """Is a sale's Transaction MAC right? Asked of the key, for want of a prover that knows it."""
    uid, issue, amount_fen, tmc, tmv, value_fen, happened_s = report.told
    place = report.kiosk.number, report.epoch, report.counter
    tmi = proof.debit_input(*place, amount_fen, value_fen, happened_s)
    if not work.proofs.proves(uid, issue, version, tmc, tmi, tmv):
        return False
    if report.proven is not None:
        work.proofs.missed(uid, issue, version)
    return True
