"""What the message table cannot say: what each message, field and verdict is for."""

# By name of the message.
PURPOSE = {
    "hello": "The kiosk is there; where it stands. Sent after each connection, after a long silence of "
    "the host, and again until a welcome comes.",
    "sale": "A card paid: debit and log record are committed on it.",
    "unsettled": "A commit went out and no answer came back: the outcome is open, nothing is booked.",
    "settled": "How an unsettled sale ended, as the card itself told at its next contact.",
    "applied": "Configuration and hotlist of these numbers are in the kiosk's flash and in force. counter: "
    "the last number it had given out by then; when the host holds all up to it, no sale of a card listed "
    "there is to come.",
    "journal": "Several reports of one epoch, each exactly as it would be alone: when more than one waits in "
    "flash. The host takes and refuses each by itself.",
    "welcome": "Answer to hello: the epoch to number reports in, the time, and which lists are the newest: a "
    "kiosk that has those knows that they are no older than this word.",
    "ack": "What the ledger holds of an epoch, after its commit, and what it thinks of single reports.",
    "hotlist": "Cards to refuse; if there are more than fit, lost ones and what an operator listed come "
    "first. Replaces the one before as a whole.",
    "allowed": "A part of the list of purse cards that may pay while the kiosk is offline. It replaces that "
    "part; taken only by a kiosk that has reached the version `after`, so none is left out.",
    "rejected": "The configuration of this number is not in force and never will be: it is told at each "
    "connection until a newer one comes. The host does not send it again, and raises an alarm.",
    "config": "What the kiosk sells, when, in which words and limits, and the role keys, sealed. Replaces "
    "the one before as a whole; a field that is absent means its usual value, whatever it was before.",
}

PURPOSE |= {
    "ask": "A card lies there and something is asked for it: to pay an amount, to collect what waits for it, "
    "or to be there for a clerk. To pay it carries the number of the report that will say what came of it. "
    "For a clerk it is said again while the card lies there.",
    "answer": "What the card answered to one step, or that it is gone. Step 0 of session 0: the card of the "
    "request that is still open is gone.",
    "taken": "The kiosk showed an online payment as paid. Its number is that of the request.",
    "reversal": "The kiosk showed that nothing was taken: no answer came in time, or it was no. A payment "
    "that was decided under this number is undone, once, and one that was not will never be.",
    "relay": "APDUs for the card of a session, in order; the kiosk looks at none of them.",
    "decision": "The end of a session, or the answer to a request that needs none.",
    "waiting": "Of which cards something waits to be collected. Replaces the one before; in memory alone.",
}

PURPOSE |= {
    "charge": "An order of a till: take this amount until the deadline; or, with cancel, nothing more. "
    "Sent again at each hello until the kiosk has said how it ended ([till.md](till.md)).",
    "charged": "How far an order is. What was paid is told by the sale's own report, which names the order.",
}

PURPOSE |= {
    "update": "An image of the firmware is there for this kiosk: its header, with a MAC under a key for "
    "nothing else ([updates.md](updates.md)). Sent again at each hello until the kiosk says how it ended.",
    "wanted": "Send these pieces of the image, from this place on. No answer once the roll-out was stopped.",
    "piece": "A piece of the image, as the file has it; it does not reach over a row of 1024 bytes.",
    "updated": "Which firmware runs, and how far the last roll-out is. Said after each connection, and when "
    "it changes.",
    "resend": "The books miss these numbers: they were restored from a copy, or a report never came. What is "
    "still in flash is reported again, exactly as it was; the rest as absent. Sent after a hello, when more "
    "is missing than the kiosk says is pending.",
    "closed": "The kiosk need not remember these open sales: persons decided them, the card told elsewhere "
    "how they ended, or they are old ([cards.md](cards.md#a-sale-that-was-left-open)). Sent after a hello "
    "that says that some are open; not answered.",
    "absent": "The kiosk has given out this number and has no report of it any more. It closes the gap; "
    "a report that turns up later all the same is looked at by a person.",
    "greeting": "What the host has to say to the customer of a sale, before its acknowledgement.",
    "moves": "The last movements of the card that was asked about, the newest first; a decision follows.",
}

PURPOSE |= {
    "fault": "What went wrong with the kiosk: why it started again, or which part it goes on without. In its "
    "flash, and told after each welcome, until it is noted.",
    "noted": "The host holds this fault.",
}

# By name of the field, wherever it stands.
MEANING = {
    "nonce": "drawn by the kiosk for each connection; the host echoes it",
    "firmware": "version of the firmware",
    "epoch": "epoch of the report numbers",
    "counter": "highest report number used in that epoch",
    "config": "number of the configuration in force, 0 = none",
    "hotlist": "number of the hotlist in force, 0 = none; in welcome, of the newest",
    "allowed": "number of the allow-list in force, 0 = none; in welcome, of the newest, and a kiosk with a "
    "higher one forgets its list",
    "part": "which part, 0 = what came last",
    "after": "the number that the list in force must have reached",
    "fingerprints": "4 bytes for each card, rising: see protocol/wire/lists.py",
    "pending": "reports in flash that are not acknowledged",
    "uid": "the card's UID",
    "issue": "the card's life: rises each time it is personalised",
    "amount_fen": "what the sale costs",
    "tmc": "transaction counter after the debit; in unsettled, and in settled without payment, as last read",
    "tmv": "the card's Transaction MAC over the sale, which only card and host can compute",
    "value_fen": "value on the card after the debit; where none is known to have happened, as read",
    "ref_epoch": "epoch of the unsettled sale",
    "ref_counter": "counter of the unsettled sale",
    "happened_s": "the kiosk's clock at the sale; a hint",
    "paid": "1 = the card paid, 0 = nothing was taken",
    "records": "[counter, type, body] of each report; counter from 1, epoch as in the envelope",
    "now_s": "the host's clock",
    "upto": "every report up to this counter is held",
    "ranges": "[first, last] of the reports held above it, rising and apart",
    "open": "sales whose answer was lost and that wait for their card",
    "sales": "[first, last] of numbers, rising and apart",
    "missing": "[first, last] of numbers that were never reported, rising and apart; a last one of 2^32 - 1 "
    "means all that came after, in an epoch that is over",
    "verdicts": "[counter, verdict, balance_fen of the card] for single reports",
    "version": "number of this content; only a higher one than the last is taken",
    "uids": "UIDs of 4 to 10 bytes",
    "price_fen": "what one tap costs",
    "language": "of the screens",
    "verdict_wait_ms": "how long an online kiosk waits for the verdict before it approves",
    "offline_total_fen": "what the kiosk may take without the host before it stops",
    "offline_card_fen": "of that, what one card may pay",
    "offline_card_count": "and in how many sales",
    "offline_max_age_h": "how old hotlist and allow-list may be for a sale without the host",
    "mode": "fixed (the price), keypad, list (of prices), pass, balance, collect or till; without it fixed",
    "prices": "[label, amount_fen] of each button of a price list; labels of 1 to 24 bytes",
    "max_fen": "the most that may be typed at the keypad or come from a till; without it the most there is",
    "quiet": "[from, to) in minutes of the local day without sound, over midnight too; [] = never",
    "hours": "[from, to) in minutes of the local day, each, when the kiosk sells; [] = always",
    "utc_offset_min": "what the local day is ahead of UTC; without it 480",
    "title": "the shop's name on the idle screen",
    "glyphs": "a TLF1 font (docs/firmware.md) of what the title and the labels have beyond ASCII",
    "role_keys": "read and debit masters in up to 4 versions each: role u8 (1 read, 2 debit), version u32 "
    "LE, master wrapped under the seal key (RFC 3394, 24 bytes)",
}

MEANING |= {
    "amount_fen": "what the sale costs; in a decision, what was taken or collected",
    "waiting": "number of the list of what waits, 0 = none",
    "fault": "drawn by the kiosk for each fault",
    "source": "`restart`, or the part: reader, display, flash, journal",
    "cause": "what it was, for a person",
    "count": "of restarts in a row, each within an hour of its start",
    "uptime_s": "how long it had run",
    "pin": "of a plain card, sealed under the kiosk's seal key together with the request",
    "request": "drawn by the kiosk for each request; the host echoes it",
    "wants": "1 = pay, 2 = collect what waits, 3 = a card for the desk, 4 = enter, 5 = tell of the card",
    "card": "what it looks like: 1 = purse, 2 = account, 3 = plain",
    "session": "number of the session, rising within a nonce",
    "step": "number of the step within its session",
    "answers": "answers with their status words, one for each APDU, or fewer when the card left",
    "gone": "1 = the card left",
    "apdus": "commands of 2 to 261 bytes",
    "code": "0 = done, 1 = refused and nothing was taken, 2 = nobody knows yet",
    "balance_fen": "of the card, after it",
    "reason": "a word for the screen; empty when there is nothing to say",
    "marks": "last 4 bytes of each UID, one after the other; a card that is no more than alike is told so",
}

MEANING |= {
    "order": "number of a till's order, rising; in a report: for which it was paid",
    "deadline_s": "from then on nothing is taken for it, by the kiosk's clock",
    "left": "visits that are left, where the pass counts them",
    "until_s": "until when the pass is valid, where it ends",
    "left_min": "of passes of minutes, below zero: owed; a door of before takes none such, and stays closed",
    "used_min": "by a stay that ends: the card goes out",
    "points": "that the card's holder may spend",
    "tier": "of the holder, by number: the kiosk has words for it",
    "birthday": "1 = today",
    "rows": "[time_s, amount_fen] of each; what was paid is below zero",
    "cancel": "1 = end it, if no card is being served for it",
    "outcome": "0 = waiting for a card, 1 = a card is there, 2 = the report epoch.counter tells, "
    "3 = refused, 4 = cancelled, 5 = too late; 3 to 5 are final, and nothing was taken",
}

MEANING |= {
    "reason": "a word: for the screen, or why an update ended; empty when there is nothing to say",
    "rollout": "number of the roll-out, 0 = none ever",
    "header": "the first 64 bytes of the image: protocol/wire/image.py",
    "mac": "HMAC-SHA256 of the header under this kiosk's key for updates",
    "offset": "place in the image, its header included",
    "pieces": "how many, one after the other",
    "data": "what stands there",
    "state": "0 = never updated, 1 = fetching, 2 = about to start it, 3 = on trial, 4 = confirmed, "
    "5 = refused, 6 = back at the one before",
    "runs": "number of the version that runs: 1.2.3 is 1002003",
    "image": "number of the version that the roll-out brings, 0 = none",
}

# By name of the constant in protocol/wire/messages.py.
VERDICTS = {
    "BOOKED": "in the books",
    "FLAGGED": "a person will look at it: booked, or kept apart where nothing proves it",
    "BAD_TMV": "the Transaction MAC is wrong: not booked, kept apart, the card is hotlisted",
    "HELD": "this debit (UID, issue, TMC) was in the books already",
    "REFUSED": "no report of this protocol: not booked, its content kept for a person",
}

# By code of EnvelopeError, in the order in which they are checked.
REFUSALS = {
    "size": "shorter than a MAC or longer than {size_max} bytes",
    "mac": "MAC wrong: another key, the other direction, or damaged",
    "shape": "not the one encoding of seven parts, or a number out of range",
    "version": "another envelope version",
    "direction": "a message sent back to where it came from",
    "kiosk": "another kiosk's name inside",
    "type": "a type that the table does not have",
    "amount": "an amount of zero, below zero or over the limit",
    "field": "a field missing, unknown, of another kind or past its limits; a type of the other direction",
}
