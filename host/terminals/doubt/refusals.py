"""Authentic messages that are no message of this protocol: refused, and kept for a person.

A kiosk made them, so they may stand for money: another version of the firmware, or a fault of it. What is
kept is bounded. A report that is refused is answered under its number, or it would come for ever; what has no
number that we can read, or is of another version or type, is not: its kiosk keeps it.
"""

from collections import Counter

from host import alarms
from host.terminals.fleet.kiosks import Kiosk
from host.terminals.reported.report import Report
from host.terminals.reported.work import Answer, Work
from protocol.wire import messages
from protocol.wire.messages import REFUSED

CONTENT_MAX = 1024  # bytes that are kept of one; the longest report has 60
SENTENCE_MAX = 200
ROWS_MAX = 10_000  # of one kiosk; later ones are only counted


class Refusal(Report):
    """kind: of the report that can be answered under this number, else 0. Content is cut."""

    __slots__ = ("code", "sentence")

    def __init__(
        self, kiosk: Kiosk, epoch: int, counter: int, kind: int, content: bytes, code: str, sentence: str
    ) -> None:
        answerable = counter > 0 and kind in messages.REPORTS
        super().__init__(kiosk, epoch, counter, kind if answerable else 0, (), (), content[:CONTENT_MAX])
        self.code = code
        self.sentence = sentence[:SENTENCE_MAX]


def decide(work: Work, refusal: Refusal) -> Answer | None:
    """Keep it; the verdict where it is a report with a number, None where nothing can be answered."""
    _keep(work, refusal)
    if refusal.kind == 0:
        return None
    answer = Answer(REFUSED, 0)
    if work.known(refusal) is None:
        work.remember(refusal, answer)
    return answer


def _keep(work: Work, refusal: Refusal) -> None:
    connection, kiosk = work.connection, refusal.kiosk
    if kiosk.number not in work.refused:
        rows = connection.execute(
            "SELECT code, count(*) FROM refusals WHERE kiosk = ? GROUP BY code", (kiosk.number,)
        )
        work.refused[kiosk.number] = Counter(dict(map(tuple, rows)))
    counts = work.refused[kiosk.number]
    if counts.total() >= ROWS_MAX:
        return
    inserted = connection.execute(
        "INSERT INTO refusals (kiosk, epoch, counter, sha256, content, code, sentence, received_s)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            *(kiosk.number, refusal.epoch, refusal.counter, refusal.digest, refusal.encoded),
            *(refusal.code, refusal.sentence, work.books.booked_s),
        ),
    ).rowcount
    if not inserted:
        return  # it came again
    counts[refusal.code] += 1
    if counts[refusal.code] == 1:
        sentence = f"{refusal.name} is refused, and so are others like it: {refusal.sentence}. See /refusals."
        alarms.raise_(connection, "refused", f"{kiosk.name} {refusal.code}", sentence)
    if counts.total() == ROWS_MAX:
        sentence = f"{ROWS_MAX} refused messages of {kiosk.name} are kept; later ones are only counted."
        alarms.raise_(connection, "refusals-full", kiosk.name, sentence)
