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

# state, event, next state, actions
TABLE = """
BOOT            made       SELFTEST
SELFTEST        well       IDLE
SELFTEST        fault      OUT_OF_SERVICE  show_out
IDLE            ready      AMOUNT
IDLE            update     UPDATE          show_out
IDLE            fault      OUT_OF_SERVICE  show_out
AMOUNT          chosen     CARD_WAIT       show_idle
AMOUNT          left       IDLE
AMOUNT          fault      SELFTEST
CARD_WAIT       card       CARD_AUTH       show_reading
CARD_WAIT       left       IDLE
CARD_WAIT       fault      SELFTEST
CARD_AUTH       payable    COMMIT
CARD_AUTH       ask        ASK
CARD_AUTH       settled    VERDICT         report
CARD_AUTH       refused    RESULT          show_refused
CARD_AUTH       looked     RESULT          show_held
CARD_AUTH       entered    RESULT          show_entered told
CARD_AUTH       unsettled  RESULT          show_unknown
CARD_AUTH       unpaid     RESULT          report show_refused
CARD_AUTH       fault      SELFTEST
ASK             approved   RESULT          report show_paid told
ASK             refused    RESULT          report show_refused
ASK             looked     RESULT          show_held
ASK             entered    RESULT          report show_entered told
ASK             fault      SELFTEST        report
COMMIT          done       VERDICT         report
COMMIT          refused    RESULT          show_refused
COMMIT          unknown    RESULT          report show_unknown
COMMIT          fault      SELFTEST
VERDICT         approved   RESULT          show_paid told
VERDICT         unheard    RESULT          show_unknown
VERDICT         rejected   RESULT          show_rejected told
RESULT          removed    IDLE
RESULT          fault      SELFTEST
OUT_OF_SERVICE  retry      SELFTEST
OUT_OF_SERVICE  update     UPDATE          show_out
UPDATE          done       SELFTEST
"""


def step(state: str, event: str) -> tuple[str, list]:
    """The next state and what to do on the way; KeyError for an event the state can't have."""
    # one text in ROM: as a dict it would take 5 KB of heap for as long as the kiosk runs
    row = "\n%-15s %-10s " % (state, event)
    at = TABLE.find(row)
    if at < 0:
        raise KeyError(state, event)
    at += len(row)
    words = TABLE[at : TABLE.find("\n", at)].split()
    return words[0], words[1:]
