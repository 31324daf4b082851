"""What the web process, and ingest workers, may ask the intake, and for how long it waits."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Call:
    """answer_s: how long its answer is waited for; changes: may it have been carried out when none comes?"""

    answer_s: float
    changes: bool


CALLS = {
    "health": Call(2, changes=False),
    "presence": Call(2, changes=False),
    "rejections": Call(2, changes=False),
    "register kiosk": Call(10, changes=True),
    "issue card": Call(45, changes=True),  # a desk session: a card is waited for, then sixty APDUs
    "report lost": Call(10, changes=True),
    "booked": Call(2, changes=False),
}
NEWS = "news"  # asked for once, told until the connection ends
