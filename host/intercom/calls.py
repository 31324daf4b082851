"""What the web process, and ingest workers, may ask the intake: how long it waits, and who may ask."""

from dataclasses import dataclass

from host.desk.words import ACTS


@dataclass(frozen=True)
class Call:
    """answer_s: how long its answer is waited for; changes: may it have been carried out when none comes?

    right: of host.operators.roles, which the operator of the token must have. None: without a token.
    """

    answer_s: float
    changes: bool
    right: str | None = None


AT_A_CARD_S = 45  # a desk session: a card is waited for, then sixty APDUs

CALLS = {
    "health": Call(2, changes=False),
    "presence": Call(2, changes=False),
    "rejections": Call(2, changes=False),
    "booked": Call(2, changes=False),
    "login": Call(10, changes=True),
    "logout": Call(10, changes=True, right="look"),
    "register kiosk": Call(10, changes=True, right="kiosks"),
    "register reader": Call(10, changes=True, right="kiosks"),
    "readers": Call(5, changes=False),
    "configure kiosk": Call(10, changes=True, right="kiosks"),
    "pair kiosk": Call(10, changes=True, right="kiosks"),
    "pairing fetched": Call(5, changes=False, right="kiosks"),
    "pairing": Call(5, changes=False),
    "revoke kiosk": Call(10, changes=True, right="kiosks"),
    "hold update": Call(10, changes=True, right="updates"),
    "charge": Call(10, changes=True, right="charge"),
    "cancel charge": Call(10, changes=True, right="charge"),
    "issue card": Call(AT_A_CARD_S, changes=True, right="issue"),
    "recover card": Call(AT_A_CARD_S, changes=True, right="issue"),
    "issue account card": Call(AT_A_CARD_S, changes=True, right="issue"),
    "register plain card": Call(10, changes=True, right="issue"),
    "identify card": Call(10, changes=True, right="look"),
    "load card": Call(10, changes=True, right="load"),
    "set card terms": Call(10, changes=True, right="issue"),
    "take top-up": Call(10, changes=True, right="load"),
    "give top-up back": Call(10, changes=True, right="void"),
    "report lost": Call(10, changes=True, right="lost"),
}
CALLS |= {
    f"desk {name}": Call(AT_A_CARD_S if act.at_card else 10, changes=True, right=act.right)
    for name, act in ACTS.items()
}
NEWS = "news"  # asked for once, told until the connection ends
