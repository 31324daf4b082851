"""Greetings for customers who stand at a kiosk: sent before the acknowledgement of their sale.

A kiosk that tells of more than FEW sales at once empties its journal: nobody stands there any more.
"""

from functools import partial

import structlog

from host import clock
from host.cards import notes
from host.db.connection import Connection
from host.terminals.fleet import configs
from host.terminals.line.traffic import Down
from host.terminals.reported.faults import is_the_messages
from host.terminals.reported.report import Report
from host.terminals.reported.work import Work
from host.terminals.talk import news
from protocol.wire import greeting, messages
from protocol.wire.messages import BOOKED, FLAGGED, HELD

FEW = 2
_log = structlog.get_logger()


def of(connection: Connection, work: Work, batch: list[Report]) -> list[Down]:
    """What there is to say to whoever paid in this batch. A fault of ours is no reason not to book."""
    if not work.standing.look(connection, notes.are_any):
        return []
    few = {epoch for epoch, sender in work.senders.items() if 0 < len(sender.verdicts) <= FEW}
    if not few:
        return []
    theirs = [report for report in batch if (report.kiosk.number, report.epoch) in few]
    paid = [report for report in theirs if report.kind in (messages.SALE, messages.SETTLED) and report.told]
    there = [report for report in paid if _is_there(work, report)]
    try:
        cards = {report.told[:2]: report.kiosk.number for report in there}
        said = notes.greetings(connection, cards, partial(configs.local_s, connection, at_s=clock.now_s()))
        if not said:
            return []
        work.standing.forget()  # messages are counted
        with connection.savepoint():
            return [
                news.sealed_for(
                    connection,
                    report.kiosk,
                    greeting.GREETING,
                    epoch=report.epoch,
                    counter=report.counter,
                    **said[report.told[:2]],
                )
                for report in there
                if report.told[:2] in said
            ]
    except Exception as error:
        if not is_the_messages(error):
            raise
        _log.exception("customers could not be greeted")
        return []


def _is_there(work: Work, report: Report) -> bool:
    sender = work.senders[report.kiosk.number, report.epoch]
    codes = {counter: code for counter, code, _ in sender.verdicts}
    return codes.get(report.counter) in (BOOKED, FLAGGED, HELD)
