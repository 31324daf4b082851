"""Numbers that a kiosk has given out and the books do not hold: it is asked for them again.

Books that were restored from a copy miss what they had acknowledged since; the kiosk still has most of it.
More must be missing than the kiosk says is pending, since that comes by itself. What the kiosk no longer has
it reports as absent: that closes the gap, and people are told.
"""

from typing import Any

from host import alarms
from host.db.connection import Connection
from host.terminals.fleet.kiosks import Kiosk
from host.terminals.line.traffic import Down
from host.terminals.reported import sequences
from host.terminals.reported.report import Report
from host.terminals.reported.work import Answer, Work
from host.terminals.talk.news import sealed_for
from protocol.wire import messages, resend

Ranges = list[list[int]]


def ask_again(connection: Connection, kiosk: Kiosk, said: dict[str, Any]) -> list[Down]:
    """What a hello shows to be missing, as messages of one epoch each; none when nothing is."""
    missing, ahead = _missing(connection, kiosk.number, said)
    count = sum(last - first + 1 for ranges in missing.values() for first, last in ranges)
    if count <= said["pending"]:
        return []
    for epoch, upto in ahead.items():
        missing.setdefault(epoch, []).append([upto + 1, messages.U32])
    return [
        sealed_for(connection, kiosk, resend.RESEND, epoch=epoch, missing=ranges[: resend.RANGES_MAX])
        for epoch, ranges in sorted(missing.items())
    ]


def _missing(
    connection: Connection, kiosk_no: int, said: dict[str, Any]
) -> tuple[dict[int, Ranges], dict[int, int]]:
    """({epoch: ranges}, {epoch: highest number held} of epochs that went on after the books' last word)."""
    missing: dict[int, Ranges] = {}
    for gap in sequences.gaps(connection, kiosk_no):
        missing.setdefault(gap["epoch"], []).append([gap["first"], gap["last"]])
    seen = sequences.epochs(connection, kiosk_no)
    now = said["epoch"]
    if said["counter"] > seen.get(now, 0):
        missing.setdefault(now, []).append([seen.get(now, 0) + 1, said["counter"]])
    # nobody here handed out that epoch: the books that did were newer, and may have held more of the others
    return missing, {} if now in seen else {epoch: top for epoch, top in seen.items() if epoch < now}


def absent(work: Work, report: Report) -> Answer:
    """The kiosk has no report of this number any more."""
    alarms.raise_once(
        work.connection,
        "numbers-absent",
        report.kiosk.name,
        f"{report.name} and maybe others were never reported and are no longer in the kiosk's flash: where a "
        "card paid then, its next sale shows a gap in its counters.",
    )
    return Answer(messages.BOOKED, 0)
