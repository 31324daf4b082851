"""The session as a pure machine: (state, event) -> (state, actions). No I/O; the teller performs it.

Each state has one activity, which ends with an event; the actions of its row are done on the way.

    BOOT            the parts are made
    SELFTEST        reset the reader and look once: may this kiosk sell at all?
    IDLE            nobody is served: what waited for that is done now
    AMOUNT          what is to be paid (kiosk/amount.py; a fixed price is chosen at once)
    CARD_WAIT       look for a card
    CARD_AUTH       authenticate, read card data, counter and value; decide whether this card can pay
                    (where it is not to pay: looked)
    ASK             of a card that holds no money itself: the host decides
    COMMIT          debit and log record, intent to flash, commit, result to flash: before any "approved"
    VERDICT         wait a moment for the host's word on the Transaction MAC
    RESULT          show the outcome until the card is gone, or another one is there
    OUT_OF_SERVICE  show why, and try again
    UPDATE          what may not happen during a sale (kiosk/teller.py, `errand`)
"""

# of each state its events, each with the next state and its actions; a row is found by its text
TABLE = """
BOOT
 made SELFTEST

SELFTEST
 well IDLE
 fault OUT_OF_SERVICE show_out

IDLE
 ready AMOUNT
 update UPDATE show_out
 fault OUT_OF_SERVICE show_out

AMOUNT
 chosen CARD_WAIT show_idle
 left IDLE
 fault SELFTEST

CARD_WAIT
 card CARD_AUTH show_reading
 left IDLE
 fault SELFTEST

CARD_AUTH
 payable COMMIT
 ask ASK
 settled VERDICT report
 refused RESULT show_refused
 looked RESULT show_held
 entered RESULT show_entered told
 unsettled RESULT show_unknown
 unpaid RESULT report show_refused
 fault SELFTEST

ASK
 approved RESULT report show_paid told
 refused RESULT report show_refused
 looked RESULT show_held
 entered RESULT report show_entered told
 fault SELFTEST report

COMMIT
 done VERDICT report
 refused RESULT show_refused
 unknown RESULT report show_unknown
 fault SELFTEST

VERDICT
 approved RESULT show_paid told
 unheard RESULT show_unknown
 rejected RESULT show_rejected told

RESULT
 removed IDLE
 fault SELFTEST

OUT_OF_SERVICE
 retry SELFTEST
 update UPDATE show_out

UPDATE
 done SELFTEST

"""


def step(state: str, event: str) -> tuple[str, list]:
    """The next state and what to do on the way; KeyError for an event the state can't have."""
    # one text in ROM: as a dict it would take 5 KB of heap for as long as the kiosk runs
    block = TABLE.find("\n%s\n" % state)
    at = TABLE.find("\n %s " % event, block, TABLE.find("\n\n", block + 1))
    if block < 0 or at < 0:
        raise KeyError(state, event)
    words = TABLE[at : TABLE.find("\n", at + 1)].split()
    return words[1], words[2:]
