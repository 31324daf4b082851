"""The reports of a batch decided one after the other, each the straight way if it may go it."""

from host.cards import hotlist
from host.db.connection import breaches
from host.terminals.doubt import undigested
from host.terminals.intake import decisions, straight
from host.terminals.line.traffic import Down
from host.terminals.reported.faults import Doubtful, Faulty, is_the_messages
from host.terminals.reported.report import Report
from host.terminals.reported.work import Work
from host.terminals.talk import sessions


def decided(
    work: Work, batch: list[Report], faults: dict[int, Exception], doubt: bool
) -> tuple[list[Down], int | None]:
    """What goes down at once, and the hotlist's version before anything was decided that may change it; None:
    nothing may have.

    faults: of reports, by their place, that are kept apart. Faulty for one more; doubt: did look_up() doubt?
    If not, Doubtful where a rule of the schema was broken.
    """
    down: list[Down] = []
    listed = None
    for end in (*sorted(faults), len(batch)):
        while work.at < end:
            try:
                straight.book(work, batch, end)
                if work.at == end:
                    break
                report = batch[work.at]
                if not work.is_unheard(report):
                    listed = hotlist.version(work.connection) if listed is None else listed
                    down += _handled(work, report)
                    work.standing.forget()
            except Exception as error:
                if not is_the_messages(error):
                    raise
                if isinstance(error, breaches()) and not doubt:
                    raise Doubtful from error
                raise Faulty(work.at) from error
            work.at += 1
        if end in faults:
            work.tell(batch[end], undigested.keep(work, batch[end], faults[end]))
            work.standing.forget()
            work.at += 1
    return down, listed


def _handled(work: Work, report: Report) -> list[Down]:
    if report.kind in sessions.TALK:
        work.flush()  # it may be told what the books hold
        return sessions.talk(work.connection, work.keeper, report)
    work.tell(report, decisions.decide(work, report))
    return []
