"""A debit that a kiosk reports: does the card's Transaction MAC prove it, and how does it fit the books?"""

from host import alarms
from host.cards import hotlist, proof, registry
from host.cards.facts import Fact
from host.ledger import corrections, late, purse, told
from host.ledger.chart import kiosk_owner
from host.ledger.purse import CardMove
from host.ledger.terms import LedgerError, Purse
from host.terminals.doubt import suspects, unproven
from host.terminals.doubt.settling import settled
from host.terminals.fleet import revoked
from host.terminals.reported.report import Report
from host.terminals.reported.work import Answer, Work
from protocol.wire import messages
from protocol.wire.messages import BAD_TMV, BOOKED, FLAGGED, HELD


def debit(work: Work, report: Report, flags: list[str]) -> Answer:
    """Book a sale or a settlement that was paid; flags: what is odd about the report already.

    What is done here for every debit, host.terminals.intake.straight does for a plain sale too.
    """
    values = report.values
    uid, issue = values["uid"], values["issue"]
    if "tmv" not in values and values["tmc"] > 0:
        return _without_proof(work, report)
    fact = work.facts.of(work.connection, uid, issue)
    if not _proven(work, report, fact):
        return _bad_tmv(work, report)
    move = told.move(values)
    if report.kind == messages.SETTLED:
        settled(
            work.connection, report.kiosk.number, values["ref_epoch"], values["ref_counter"], 1, proven=True
        )
    found = work.purse(uid, issue, fact)
    if move.tmc <= found.tmc and purse.is_booked(work.connection, found, move.tmc):
        return _held(work, report, move)
    kind = "sale" if report.kind == messages.SALE else "settlement"
    differs = _differs(work, found, move)
    number = purse.book_sale(work.books, kind, found, move, report.kiosk.name, values["happened_s"])
    if fact.card is not None and fact.card.state not in ("pending", "active"):
        late.cover(work.books, found, move.tmc)
    if found.missing:
        unproven.resolve(work, found, (move.tmc - 1, move.tmc + 1))
    balance_fen = work.shadow_of(found)
    odd = [*flags, *_odd(fact, balance_fen, differs)]
    if report.kiosk.number in work.revoked:
        odd.append(revoked.FLAG)
    for flag in odd:
        registry.flag(work.connection, uid, issue, flag, f"{report.name}, {move.reference}")
    if fact.card is not None and found.missing:
        odd.append("gap")  # not stored: it is listed for as long as it is open
    return Answer(FLAGGED if odd else BOOKED, balance_fen, number)


def _odd(fact: Fact, balance_fen: int, differs: bool) -> list[str]:
    odd = [] if fact.odd is None else [fact.odd]
    if balance_fen < 0:
        odd.append("overdraft")
    if differs:
        odd.append("value differs")
    return odd


def _differs(work: Work, found: Purse, move: CardMove) -> bool:
    """Does the value not follow from the one before? False where the books do not hold that one, or hold it
    too many moves ago."""
    if move.tmc == found.tmc + 1:
        before_fen = found.value_fen if found.tmc else None
    elif purse.is_booked(work.connection, found, move.tmc - 1):
        work.flush()
        try:
            before = purse.moved(work.connection, move.uid, move.issue, move.tmc - 1)
        except purse.TooFar:
            return False
        before_fen = None if before is None else before[1].value_after_fen
    else:
        return False
    return before_fen is not None and before_fen + move.change_fen != move.value_after_fen


def _held(work: Work, report: Report, move: CardMove) -> Answer:
    """The books hold this counter: this very debit, or a copied card's?

    Of a counter that lies too many moves back only the first is said, without its transaction: a kiosk could
    make us look for it with each report.
    """
    work.flush()
    try:
        found = purse.moved(work.connection, move.uid, move.issue, move.tmc)
    except purse.TooFar:
        return Answer(HELD, work.shadow(move.uid, move.issue))
    if found is None:
        raise LedgerError(f"{move.reference} is booked, but no transaction holds it")
    number, held = found
    if held != move or not unproven.take_to_its_kiosk(work, report, number, move):
        alarms.raise_once(
            work.connection,
            "counter-twice",
            move.reference,  # verify looks for it under this
            f"{report.name} proves another debit of {move.reference} than the books hold: a copied card?",
        )
    return Answer(HELD, work.shadow(move.uid, move.issue), number)


def _without_proof(work: Work, report: Report) -> Answer:
    """A settlement whose TMV the card has overwritten since: held when the books know it, else kept apart."""
    values = report.values
    move = told.move(values)
    work.flush()
    try:
        found = purse.moved(work.connection, move.uid, move.issue, move.tmc)
    except purse.TooFar:
        found = None
    if found is None or found[1] != move:
        return unproven.keep(work, report)
    place = corrections.place(work.connection, found[0], move)
    if place.kiosk != report.kiosk.name:
        return unproven.keep(work, report)
    settled(work.connection, report.kiosk.number, values["ref_epoch"], values["ref_counter"], 1, proven=False)
    # one whose kiosk nothing proves may yet be moved to another
    return Answer(HELD, work.shadow(move.uid, move.issue), None if place.inferred else found[0])


def _proven(work: Work, report: Report, fact: Fact) -> bool:
    """Does the TMV prove the debit?"""
    values = report.values
    if values["tmc"] == 0:
        return False
    if report.kind == messages.SETTLED:
        epoch, counter = values["ref_epoch"], values["ref_counter"]
    else:
        epoch, counter = report.epoch, report.counter
    told = (values["amount_fen"], values["value_fen"], values["happened_s"])
    debit_input = proof.debit_input(report.kiosk.number, epoch, counter, *told)
    version = None if fact.card is None else fact.card.life_key_version
    return work.proofs.proves(
        values["uid"], values["issue"], version, values["tmc"], debit_input, values["tmv"]
    )


def _bad_tmv(work: Work, report: Report) -> Answer:
    values = report.values
    uid = values["uid"]
    answer = Answer(BAD_TMV, work.shadow(uid, values["issue"]))
    if report.kiosk.number in work.revoked:  # a thief could list every card
        suspects.keep_suspect(work.connection, report, answer.code, answer.balance_fen, revoked.FLAG)
        return answer
    kept = suspects.keep_suspect(work.connection, report, answer.code, answer.balance_fen, "wrong TMV")
    if hotlist.add(work.connection, uid, f"wrong TMV at {report.name}", kiosk_owner(report.kiosk.name)):
        work.facts.listed(uid)
    if kept:
        alarms.raise_once(
            work.connection,
            "bad-tmv",
            uid.hex().upper(),
            f"{report.name} tells a debit that the card's Transaction MAC does not prove: card hotlisted.",
        )
    return answer
