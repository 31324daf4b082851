-- What the relay between host and terminals keeps. The columns of kiosk_sessions are added by the step itself.

-- Top-ups of which nobody knows yet whether the card took them; changed in place, and verify holds it against the
-- transactions.
CREATE TABLE open_loads (
    transaction_id INTEGER PRIMARY KEY REFERENCES card_loads (transaction_id),
    uid BLOB NOT NULL,
    issue INTEGER NOT NULL
) STRICT;
CREATE INDEX open_loads_by_card ON open_loads (uid, issue);
INSERT INTO open_loads (transaction_id, uid, issue) SELECT l.transaction_id, l.uid, l.issue FROM card_loads l
    WHERE NOT EXISTS (SELECT 1 FROM transactions t WHERE t.ends = l.transaction_id);

-- Money that waits for a card, found without looking at all accounts.
CREATE INDEX accounts_waiting ON accounts (id) WHERE kind IN ('waiting', 'waiting-bonus') AND balance > 0;

-- What was decided about a kiosk's request to pay, once for its number. transaction_id: of one that was paid.
CREATE TABLE payments (
    kiosk INTEGER NOT NULL REFERENCES kiosks (number),
    epoch INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    uid BLOB NOT NULL,
    issue INTEGER,  -- NULL: a card that is none of ours
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    reason TEXT NOT NULL,  -- '': paid
    balance_fen INTEGER NOT NULL,
    transaction_id INTEGER UNIQUE REFERENCES transactions (id),
    at_s INTEGER NOT NULL,
    PRIMARY KEY (kiosk, epoch, counter),
    CHECK ((reason = '') = (transaction_id IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX payments_by_card ON payments (uid, issue, at_s);
