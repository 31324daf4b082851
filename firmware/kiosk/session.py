"""The session as a pure machine: (state, event) -> (state, actions). No I/O; the teller performs it.

Each state has one activity, which ends with an event; the actions of a row are done on the way.

    IDLE     look for a card
    READ     authenticate, read card data, counter and value; decide whether this card can pay
    ASK      of a card that holds no money itself: the host decides
    COMMIT   debit and log record, intent to flash, commit, result to flash
    VERDICT  wait a moment for the host's word on the Transaction MAC
    RESULT   show the outcome until the card is gone
    OUT      out of service: try to become well again
"""

BOOT, IDLE, READ, ASK, COMMIT, VERDICT, RESULT, OUT = (
    "BOOT",
    "IDLE",
    "READ",
    "ASK",
    "COMMIT",
    "VERDICT",
    "RESULT",
    "OUT",
)

TABLE = {
    (BOOT, "well"): (IDLE, ("show_idle",)),
    (BOOT, "fault"): (OUT, ("show_out",)),
    (IDLE, "card"): (READ, ("show_reading",)),
    (IDLE, "fault"): (OUT, ("show_out",)),
    (READ, "payable"): (COMMIT, ()),
    (READ, "refused"): (RESULT, ("show_refused",)),
    (READ, "settled"): (VERDICT, ("report",)),
    (READ, "unsettled"): (RESULT, ("show_unknown",)),
    (READ, "unpaid"): (RESULT, ("report", "show_refused")),
    (READ, "fault"): (OUT, ("show_out",)),
    (READ, "ask"): (ASK, ()),
    (ASK, "approved"): (RESULT, ("report", "show_paid", "told")),
    (ASK, "refused"): (RESULT, ("report", "show_refused")),
    (ASK, "fault"): (OUT, ("report", "show_out")),
    (COMMIT, "done"): (VERDICT, ("report",)),
    (COMMIT, "refused"): (RESULT, ("show_refused",)),
    (COMMIT, "unknown"): (RESULT, ("report", "show_unknown")),
    (COMMIT, "fault"): (OUT, ("show_out",)),
    (VERDICT, "approved"): (RESULT, ("show_paid", "told")),
    (VERDICT, "unheard"): (RESULT, ("show_unknown",)),
    (VERDICT, "rejected"): (RESULT, ("show_rejected", "told")),
    (RESULT, "card"): (READ, ("show_reading",)),
    (RESULT, "removed"): (IDLE, ("show_idle",)),
    (RESULT, "fault"): (OUT, ("show_out",)),
    (OUT, "well"): (IDLE, ("show_idle",)),
    (OUT, "fault"): (OUT, ("show_out",)),
}


def step(state: str, event: str) -> tuple[str, tuple]:
    """The next state and what to do on the way; KeyError for an event the state can't have."""
    return TABLE[(state, event)]
