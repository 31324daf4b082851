"""A message that tripped a fault of ours: kept apart for a person, and answered, so that it comes no more."""

import structlog

from host import alarms
from host.terminals.doubt import suspects
from host.terminals.doubt.refusals import Refusal
from host.terminals.reported.report import Report
from host.terminals.reported.work import Answer, Work
from protocol.wire import messages

_log = structlog.get_logger()


def keep(work: Work, report: Report, error: Exception) -> Answer | None:
    """Keep it, and alarm; the answer to a report, None for what is not answered."""
    _log.error("a message could not be handled", number=report.name, kind=report.kind, exc_info=error)
    answer = Answer(messages.FLAGGED, 0)
    if not isinstance(report, Refusal):  # its content is none that could be shown there
        suspects.keep_suspect(work.connection, report, *answer[:2], f"fault: {type(error).__name__}")
    sentence = f"{report.name} could not be handled; it is kept apart."
    alarms.raise_(work.connection, "fault", report.name, sentence)
    if report.kind not in messages.REPORTS:
        return None
    if work.known(report) is None:  # kept is held: unanswered it would come again for ever
        work.remember(report, answer)
    return answer
