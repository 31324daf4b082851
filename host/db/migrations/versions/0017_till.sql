-- Orders of tills: what a kiosk is to take, asked for once for an operator's key.
CREATE TABLE till_orders (
    id SERIAL PRIMARY KEY,
    kiosk INTEGER NOT NULL REFERENCES kiosks (number),
    operator TEXT NOT NULL,
    key TEXT NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    reference TEXT NOT NULL,
    lasts_s INTEGER NOT NULL,
    made_at_s INTEGER NOT NULL,
    UNIQUE (operator, key)
) STRICT;

-- Who wanted it cancelled; whether it was, the kiosk says.
CREATE TABLE till_cancels (
    order_id INTEGER PRIMARY KEY REFERENCES till_orders (id),
    operator TEXT NOT NULL,
    at_s INTEGER NOT NULL
) STRICT;

-- What the kiosk last said of an order, changed in place until that is final; nonce: in which of its sessions.
CREATE TABLE till_words (
    order_id INTEGER PRIMARY KEY REFERENCES till_orders (id),
    kiosk INTEGER NOT NULL,
    outcome INTEGER NOT NULL,  -- of protocol.wire.till; -1: nothing yet
    reason TEXT NOT NULL,
    nonce BLOB,
    at_s INTEGER NOT NULL
) STRICT;
CREATE INDEX till_words_open ON till_words (kiosk) WHERE outcome < 2;

-- Reports that name an order, with what the books made of them.
CREATE TABLE till_reports (
    kiosk INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    order_id INTEGER NOT NULL REFERENCES till_orders (id),
    kind INTEGER NOT NULL,
    code INTEGER NOT NULL,
    transaction_id INTEGER REFERENCES transactions (id),
    PRIMARY KEY (kiosk, epoch, counter)
) STRICT, WITHOUT ROWID;
CREATE INDEX till_reports_by_order ON till_reports (order_id);
