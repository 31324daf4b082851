"""The straight way of a plain sale: next of its kiosk, next of its card, and nothing odd about it.

So are nearly all of them, by the thousand when kiosks come back. The decisions beside this would decide and
book just the same: a test holds the two against each other.
"""

from host.cards import proof
from host.terminals.fleet.kiosks import KIOSK
from host.terminals.reported.report import Report
from host.terminals.reported.work import Work
from protocol.wire.messages import BOOKED, MESSAGES, SALE

PLAIN = tuple(row[1] for row in MESSAGES[SALE][2] if row[6])  # its fields; one for a till has another


def booked(work: Work, report: Report) -> bool:
    """Book it and note the verdict, if it is a plain sale; False, and nothing is done, for all else."""
    told = report.told
    if report.kind != SALE or len(told) != len(PLAIN):
        return False
    kiosk, counter = report.kiosk, report.counter
    sender = work.senders.get((kiosk.number, report.epoch))
    if sender is None or sender.earned is None or sender.kiosk is not kiosk or kiosk.kind != KIOSK:
        return False
    held, earned = sender.held, sender.earned
    if counter != held.upto + 1 and held.holds(counter):
        return False
    uid, issue, amount_fen, tmc, tmv, value_fen, happened_s = told
    fact = work.facts.of(work.connection, uid, issue)
    if fact.card is None or fact.odd is not None or fact.purse is None:
        return False
    books = work.books
    purse = books.purses.get(fact.purse)
    if purse is None or purse.missing or not purse.tmc or purse.value_fen - amount_fen != value_fen:
        return False
    account = books.accounts[purse.account_id]
    if purse.bonus_id is not None or tmc != purse.tmc + 1 or account.balance < amount_fen:
        return False
    if account.kind != "card":
        return False
    version = fact.card.life_key_version
    if report.proven != version:
        tmi = proof.debit_input(kiosk.number, sender.epoch, counter, amount_fen, value_fen, happened_s)
        if not work.proofs.proves(uid, issue, version, tmc, tmi, tmv):
            return False
        if report.proven is not None:
            work.proofs.missed(uid, issue, version)
    number = books.sell(purse, earned, kiosk.name, ("sale", tmc, amount_fen, value_fen, happened_s))
    if number is None:
        return False
    held.take(counter)
    balance_fen = account.balance
    sender.verdicts.append((counter, BOOKED, balance_fen))
    sender.rows += (kiosk.number, sender.epoch, counter, SALE, report.digest)
    sender.rows += (report.encoded, BOOKED, balance_fen, number, books.booked_s)
    return True
