-- Money is integer fen. Times are seconds since 1970-01-01 UTC. Tables that say what happened refuse UPDATE
-- and DELETE; a correction is a new row.

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE operators (
    name TEXT PRIMARY KEY,
    token_sha256 BLOB NOT NULL UNIQUE,
    load_limit_fen INTEGER NOT NULL CHECK (load_limit_fen >= 0),
    made_at_s INTEGER NOT NULL
) STRICT;

-- Ledger. A transfer moves an amount above zero from its debit account to its credit account, so the books sum
-- to zero by their form. A balance is credits less debits: what the house owes (a card's money) or has earned is
-- above zero, what it has (cash) is below.
CREATE TABLE accounts (
    id SERIAL PRIMARY KEY,
    owner TEXT NOT NULL,
    unit TEXT NOT NULL,
    kind TEXT NOT NULL,
    below_zero TEXT NOT NULL CHECK (below_zero IN ('never', 'reports', 'yes')),
    balance INTEGER NOT NULL DEFAULT 0,
    last_transfer INTEGER,
    UNIQUE (owner, kind, unit),
    CHECK (balance >= 0 OR below_zero <> 'never')
) STRICT;

-- transactions, transfers and reports have no foreign keys: they cost a look-up for each row of a batch, and verify
-- names a row that points at none.
-- purse, tmc, change_fen, value_fen: what a card's own counter says of it; before: the purse's transaction before this.
-- State: posted at once, or pending and ended later by a row of its own that names it in `ends`.
-- link: see host/ledger/chain.py. A partition (one writer) numbers its rows from partition * 2^40 + 1.
CREATE TABLE transactions (
    id INTEGER PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('posted', 'pending', 'voided', 'expired')),
    ends INTEGER,
    kind TEXT NOT NULL,
    reference TEXT,
    who TEXT NOT NULL,
    kiosk TEXT,
    purse INTEGER,
    tmc INTEGER,
    change_fen INTEGER,
    value_fen INTEGER,
    before INTEGER,
    first_transfer INTEGER,
    happened_s INTEGER NOT NULL,
    booked_s INTEGER NOT NULL,
    link BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX transactions_by_reference ON transactions (kind, reference) WHERE reference IS NOT NULL;
CREATE UNIQUE INDEX transactions_end_once ON transactions (ends) WHERE ends IS NOT NULL;

-- *_before: the transfer before this one on that account, so that an account's history can be walked back.
CREATE TABLE transfers (
    id INTEGER PRIMARY KEY,
    transaction_id INTEGER NOT NULL,
    debit_id INTEGER NOT NULL,
    credit_id INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    debit_after INTEGER NOT NULL,
    credit_after INTEGER NOT NULL,
    debit_before INTEGER,
    credit_before INTEGER,
    CHECK (debit_id <> credit_id)
) STRICT;

-- What a pending transaction will move when it is posted.
CREATE TABLE plans (
    transaction_id INTEGER NOT NULL REFERENCES transactions (id),
    place INTEGER NOT NULL,
    debit_id INTEGER NOT NULL REFERENCES accounts (id),
    credit_id INTEGER NOT NULL REFERENCES accounts (id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    PRIMARY KEY (transaction_id, place)
) STRICT, WITHOUT ROWID;

-- Where each partition's numbers and hash chain stand.
CREATE TABLE chains (
    writer INTEGER PRIMARY KEY,
    last_transaction INTEGER NOT NULL,
    last_transfer INTEGER NOT NULL,
    link BLOB NOT NULL
) STRICT;

-- MACed by the key keeper, and exported: an end of the chain that cannot be made anew without its key.
CREATE TABLE checkpoints (
    writer INTEGER NOT NULL,
    transaction_id INTEGER NOT NULL,
    link BLOB NOT NULL,
    mac BLOB NOT NULL,
    at_s INTEGER NOT NULL,
    PRIMARY KEY (writer, transaction_id)
) STRICT, WITHOUT ROWID;

-- A purse card as its own counter tells it; changed in place like a balance, and verify holds it against the
-- transactions. missing: how many counters below tmc nobody has reported; purse_gaps says which.
CREATE TABLE purses (
    account_id INTEGER PRIMARY KEY REFERENCES accounts (id),
    bonus_id INTEGER REFERENCES accounts (id),
    uid BLOB NOT NULL,
    issue INTEGER NOT NULL,
    tmc INTEGER NOT NULL DEFAULT 0,
    value_fen INTEGER NOT NULL DEFAULT 0,
    missing INTEGER NOT NULL DEFAULT 0 CHECK (missing >= 0),
    last_move INTEGER,
    UNIQUE (uid, issue)
) STRICT;

CREATE TABLE purse_gaps (
    account_id INTEGER NOT NULL REFERENCES purses (account_id),
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (account_id, first),
    CHECK (first <= last)
) STRICT, WITHOUT ROWID;

-- Debits booked on a kiosk's word between two that the card proves: the card proves the money, not the kiosk.
CREATE TABLE inferences (
    transaction_id INTEGER PRIMARY KEY REFERENCES transactions (id)
) STRICT;

-- Raised by whatever changes a card's state or the hotlist, so that what is kept of cards in memory is known to
-- be old. How often the hotlist grew says how long it is without counting.
CREATE TABLE revisions (
    name TEXT PRIMARY KEY,
    revision INTEGER NOT NULL
) STRICT;
INSERT INTO revisions (name, revision) VALUES ('cards', 0), ('hotlist', 0), ('hotlist-unknown', 0);

-- Cards
CREATE TABLE cards (
    uid BLOB NOT NULL,
    issue INTEGER NOT NULL CHECK (issue > 0),
    number TEXT NOT NULL UNIQUE,
    key_version INTEGER NOT NULL,
    made_at_s INTEGER NOT NULL,
    PRIMARY KEY (uid, issue)
) STRICT;

CREATE TABLE card_states (
    id SERIAL PRIMARY KEY,
    uid BLOB NOT NULL,
    issue INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'lost', 'void')),
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL,
    FOREIGN KEY (uid, issue) REFERENCES cards (uid, issue)
) STRICT;
CREATE INDEX card_states_by_card ON card_states (uid, issue, id);

CREATE TABLE card_flags (
    id SERIAL PRIMARY KEY,
    uid BLOB NOT NULL,
    issue INTEGER NOT NULL,
    flag TEXT NOT NULL,
    detail TEXT NOT NULL,
    at_s INTEGER NOT NULL
) STRICT;
CREATE INDEX card_flags_by_card ON card_flags (uid, issue);

-- Top-ups by what the card must show when they were committed.
CREATE TABLE card_loads (
    transaction_id INTEGER PRIMARY KEY REFERENCES transactions (id),
    uid BLOB NOT NULL,
    issue INTEGER NOT NULL,
    tmc INTEGER NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    value_after_fen INTEGER NOT NULL
) STRICT;
CREATE INDEX card_loads_by_card ON card_loads (uid, issue);

CREATE TABLE hotlist (
    version INTEGER PRIMARY KEY,
    uid BLOB UNIQUE,  -- NULL: only the number was raised
    reason TEXT NOT NULL,
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL
) STRICT;

-- Terminals
CREATE TABLE kiosks (
    number SERIAL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    issue INTEGER NOT NULL,
    made_at_s INTEGER NOT NULL
) STRICT;

CREATE TABLE kiosk_configs (
    kiosk INTEGER NOT NULL REFERENCES kiosks (number),
    version INTEGER NOT NULL CHECK (version > 0),
    price_fen INTEGER NOT NULL CHECK (price_fen > 0),
    language TEXT NOT NULL,
    verdict_wait_ms INTEGER NOT NULL,
    offline_total_fen INTEGER NOT NULL,
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL,
    PRIMARY KEY (kiosk, version)
) STRICT, WITHOUT ROWID;

-- Where the conversation with a kiosk stands; changed in place.
CREATE TABLE kiosk_sessions (
    kiosk INTEGER PRIMARY KEY REFERENCES kiosks (number),
    nonce BLOB,
    epoch INTEGER NOT NULL,
    down_counter INTEGER NOT NULL DEFAULT 0,
    config_confirmed INTEGER NOT NULL DEFAULT 0,
    hotlist_confirmed INTEGER NOT NULL DEFAULT 0,
    firmware TEXT NOT NULL DEFAULT '',
    suspects INTEGER NOT NULL DEFAULT 0  -- kept of it, and beyond the most that are kept, only counted
) STRICT;

-- Every nonce a kiosk ever said hello with, so that an old hello played back is known as one.
CREATE TABLE kiosk_nonces (
    kiosk INTEGER NOT NULL REFERENCES kiosks (number),
    nonce BLOB NOT NULL,
    at_s INTEGER NOT NULL,
    PRIMARY KEY (kiosk, nonce)
) STRICT, WITHOUT ROWID;

CREATE TABLE kiosk_epochs (
    kiosk INTEGER NOT NULL REFERENCES kiosks (number),
    epoch INTEGER NOT NULL,
    upto INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (kiosk, epoch)
) STRICT, WITHOUT ROWID;

-- Numbers held above an epoch's watermark, as ranges; what lies between is missing.
CREATE TABLE kiosk_ranges (
    kiosk INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (kiosk, epoch, first),
    CHECK (first <= last)
) STRICT, WITHOUT ROWID;

-- The idempotency store: what was answered to which number. Never pruned.
CREATE TABLE reports (
    kiosk INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    body BLOB NOT NULL,
    code INTEGER NOT NULL,
    balance_fen INTEGER NOT NULL,
    transaction_id INTEGER,  -- what the books hold of it: a debit's transaction, NULL where nothing was booked
    received_s INTEGER NOT NULL,
    PRIMARY KEY (kiosk, epoch, counter)
) STRICT, WITHOUT ROWID;

-- Authentic messages that are none of this protocol: what was wrong, and the content. Kept and answered, not booked.
CREATE TABLE refusals (
    id SERIAL PRIMARY KEY,
    kiosk INTEGER NOT NULL REFERENCES kiosks (number),
    epoch INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    content BLOB NOT NULL,
    code TEXT NOT NULL,
    sentence TEXT NOT NULL,
    received_s INTEGER NOT NULL,
    UNIQUE (kiosk, epoch, counter, sha256)
) STRICT;

-- Authentic messages that are no fact, or that used a number a second time: kept for a person.
CREATE TABLE suspects (
    id SERIAL PRIMARY KEY,
    kiosk INTEGER NOT NULL REFERENCES kiosks (number),
    epoch INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    body BLOB NOT NULL,
    uid BLOB,  -- uid, issue, tmc: of the body, NULL in a message that is about no card
    issue INTEGER,
    tmc INTEGER,
    code INTEGER NOT NULL,
    balance_fen INTEGER NOT NULL,
    reason TEXT NOT NULL,
    received_s INTEGER NOT NULL,
    UNIQUE (kiosk, epoch, counter, sha256)
) STRICT;
CREATE INDEX suspects_without_proof ON suspects (uid, issue, tmc) WHERE reason = 'settlement without proof';

CREATE TABLE unsettled (
    kiosk INTEGER NOT NULL REFERENCES kiosks (number),
    epoch INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    uid BLOB NOT NULL,
    issue INTEGER NOT NULL,
    amount_fen INTEGER NOT NULL,
    happened_s INTEGER NOT NULL,
    PRIMARY KEY (kiosk, epoch, counter)
) STRICT, WITHOUT ROWID;

-- How an open sale was decided. Two rows: it was told both ways, and the proven one counts.
CREATE TABLE settlements (
    kiosk INTEGER NOT NULL REFERENCES kiosks (number),
    epoch INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    paid INTEGER NOT NULL CHECK (paid IN (0, 1)),
    proven INTEGER NOT NULL CHECK (proven IN (0, 1)),
    at_s INTEGER NOT NULL,
    PRIMARY KEY (kiosk, epoch, counter, paid)
) STRICT, WITHOUT ROWID;

CREATE TABLE alarms (
    id SERIAL PRIMARY KEY,
    at_s INTEGER NOT NULL,
    code TEXT NOT NULL,
    subject TEXT NOT NULL,
    sentence TEXT NOT NULL
) STRICT;
CREATE INDEX alarms_by_subject ON alarms (code, subject, at_s);
