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

-- Ledger. An amount above zero is a credit: what the house owes (a card's money) or has earned (sales).
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    owner TEXT NOT NULL,
    unit TEXT NOT NULL,
    kind TEXT NOT NULL,
    may_go_negative INTEGER NOT NULL CHECK (may_go_negative IN (0, 1)),
    balance INTEGER NOT NULL DEFAULT 0,
    UNIQUE (owner, kind, unit)
) STRICT;

CREATE TABLE transactions (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    reference TEXT NOT NULL,
    who TEXT NOT NULL,
    card TEXT,
    kiosk TEXT,
    happened_s INTEGER NOT NULL,
    booked_s INTEGER NOT NULL,
    UNIQUE (kind, reference)
) STRICT;

-- What a pending transaction will move when it is posted; a transaction posted at once has none.
CREATE TABLE plans (
    transaction_id INTEGER NOT NULL REFERENCES transactions (id),
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    amount INTEGER NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (transaction_id, account_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE transaction_states (
    id INTEGER PRIMARY KEY,
    transaction_id INTEGER NOT NULL REFERENCES transactions (id),
    state TEXT NOT NULL CHECK (state IN ('pending', 'posted', 'voided')),
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL,
    UNIQUE (transaction_id, state)
) STRICT;
CREATE UNIQUE INDEX transaction_ends_once ON transaction_states (transaction_id) WHERE state <> 'pending';

CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    transaction_id INTEGER NOT NULL REFERENCES transactions (id),
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    amount INTEGER NOT NULL CHECK (amount <> 0),
    balance_after INTEGER NOT NULL
) STRICT;
CREATE INDEX entries_by_account ON entries (account_id, id);
CREATE INDEX entries_by_transaction ON entries (transaction_id);

-- Every committed change of a purse card that the books know, by the card's own counter.
CREATE TABLE card_moves (
    uid BLOB NOT NULL,
    issue INTEGER NOT NULL,
    tmc INTEGER NOT NULL CHECK (tmc > 0),
    change_fen INTEGER NOT NULL,
    value_after_fen INTEGER NOT NULL,
    transaction_id INTEGER NOT NULL REFERENCES transactions (id),
    PRIMARY KEY (uid, issue, tmc)
) STRICT, WITHOUT ROWID;

-- Debits booked on a kiosk's word between two that the card proves: the card proves the money, not the kiosk.
CREATE TABLE inferences (
    transaction_id INTEGER PRIMARY KEY REFERENCES transactions (id)
) STRICT;

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
    id INTEGER PRIMARY KEY,
    uid BLOB NOT NULL,
    issue INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'lost', 'void')),
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL,
    FOREIGN KEY (uid, issue) REFERENCES cards (uid, issue)
) STRICT;
CREATE INDEX card_states_by_card ON card_states (uid, issue, id);

CREATE TABLE card_flags (
    id INTEGER PRIMARY KEY,
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
    number INTEGER PRIMARY KEY AUTOINCREMENT,
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

-- Where the conversation with a kiosk stands; the only table of terminals that is updated in place.
CREATE TABLE kiosk_sessions (
    kiosk INTEGER PRIMARY KEY REFERENCES kiosks (number),
    nonce BLOB,
    epoch INTEGER NOT NULL,
    down_counter INTEGER NOT NULL DEFAULT 0,
    config_confirmed INTEGER NOT NULL DEFAULT 0,
    hotlist_confirmed INTEGER NOT NULL DEFAULT 0,
    firmware TEXT NOT NULL DEFAULT ''
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

-- The idempotency store: what was answered to which number. Never pruned.
CREATE TABLE reports (
    kiosk INTEGER NOT NULL REFERENCES kiosks (number),
    epoch INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    body BLOB NOT NULL,
    code INTEGER NOT NULL,
    balance_fen INTEGER NOT NULL,
    received_s INTEGER NOT NULL,
    PRIMARY KEY (kiosk, epoch, counter)
) STRICT, WITHOUT ROWID;

-- Authentic messages that are no fact, or that used a number a second time: kept for a person.
CREATE TABLE suspects (
    id INTEGER PRIMARY KEY,
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
    id INTEGER PRIMARY KEY,
    at_s INTEGER NOT NULL,
    code TEXT NOT NULL,
    subject TEXT NOT NULL,
    sentence TEXT NOT NULL
) STRICT;

-- Append-only, enforced here so that no program can forget it.
CREATE TRIGGER transactions_no_update BEFORE UPDATE ON transactions
BEGIN SELECT RAISE(ABORT, 'transactions: append-only'); END;
CREATE TRIGGER transactions_no_delete BEFORE DELETE ON transactions
BEGIN SELECT RAISE(ABORT, 'transactions: append-only'); END;
CREATE TRIGGER plans_no_update BEFORE UPDATE ON plans
BEGIN SELECT RAISE(ABORT, 'plans: append-only'); END;
CREATE TRIGGER plans_no_delete BEFORE DELETE ON plans
BEGIN SELECT RAISE(ABORT, 'plans: append-only'); END;
CREATE TRIGGER transaction_states_no_update BEFORE UPDATE ON transaction_states
BEGIN SELECT RAISE(ABORT, 'transaction_states: append-only'); END;
CREATE TRIGGER transaction_states_no_delete BEFORE DELETE ON transaction_states
BEGIN SELECT RAISE(ABORT, 'transaction_states: append-only'); END;
CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries: append-only'); END;
CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries: append-only'); END;
CREATE TRIGGER card_moves_no_update BEFORE UPDATE ON card_moves
BEGIN SELECT RAISE(ABORT, 'card_moves: append-only'); END;
CREATE TRIGGER card_moves_no_delete BEFORE DELETE ON card_moves
BEGIN SELECT RAISE(ABORT, 'card_moves: append-only'); END;
CREATE TRIGGER inferences_no_update BEFORE UPDATE ON inferences
BEGIN SELECT RAISE(ABORT, 'inferences: append-only'); END;
CREATE TRIGGER inferences_no_delete BEFORE DELETE ON inferences
BEGIN SELECT RAISE(ABORT, 'inferences: append-only'); END;
CREATE TRIGGER cards_no_update BEFORE UPDATE ON cards
BEGIN SELECT RAISE(ABORT, 'cards: append-only'); END;
CREATE TRIGGER cards_no_delete BEFORE DELETE ON cards
BEGIN SELECT RAISE(ABORT, 'cards: append-only'); END;
CREATE TRIGGER card_states_no_update BEFORE UPDATE ON card_states
BEGIN SELECT RAISE(ABORT, 'card_states: append-only'); END;
CREATE TRIGGER card_states_no_delete BEFORE DELETE ON card_states
BEGIN SELECT RAISE(ABORT, 'card_states: append-only'); END;
CREATE TRIGGER card_flags_no_update BEFORE UPDATE ON card_flags
BEGIN SELECT RAISE(ABORT, 'card_flags: append-only'); END;
CREATE TRIGGER card_flags_no_delete BEFORE DELETE ON card_flags
BEGIN SELECT RAISE(ABORT, 'card_flags: append-only'); END;
CREATE TRIGGER card_loads_no_update BEFORE UPDATE ON card_loads
BEGIN SELECT RAISE(ABORT, 'card_loads: append-only'); END;
CREATE TRIGGER card_loads_no_delete BEFORE DELETE ON card_loads
BEGIN SELECT RAISE(ABORT, 'card_loads: append-only'); END;
CREATE TRIGGER hotlist_no_update BEFORE UPDATE ON hotlist
BEGIN SELECT RAISE(ABORT, 'hotlist: append-only'); END;
CREATE TRIGGER hotlist_no_delete BEFORE DELETE ON hotlist
BEGIN SELECT RAISE(ABORT, 'hotlist: append-only'); END;
CREATE TRIGGER kiosk_configs_no_update BEFORE UPDATE ON kiosk_configs
BEGIN SELECT RAISE(ABORT, 'kiosk_configs: append-only'); END;
CREATE TRIGGER kiosk_configs_no_delete BEFORE DELETE ON kiosk_configs
BEGIN SELECT RAISE(ABORT, 'kiosk_configs: append-only'); END;
CREATE TRIGGER kiosk_nonces_no_update BEFORE UPDATE ON kiosk_nonces
BEGIN SELECT RAISE(ABORT, 'kiosk_nonces: append-only'); END;
CREATE TRIGGER kiosk_nonces_no_delete BEFORE DELETE ON kiosk_nonces
BEGIN SELECT RAISE(ABORT, 'kiosk_nonces: append-only'); END;
CREATE TRIGGER reports_no_update BEFORE UPDATE ON reports
BEGIN SELECT RAISE(ABORT, 'reports: append-only'); END;
CREATE TRIGGER reports_no_delete BEFORE DELETE ON reports
BEGIN SELECT RAISE(ABORT, 'reports: append-only'); END;
CREATE TRIGGER suspects_no_update BEFORE UPDATE ON suspects
BEGIN SELECT RAISE(ABORT, 'suspects: append-only'); END;
CREATE TRIGGER suspects_no_delete BEFORE DELETE ON suspects
BEGIN SELECT RAISE(ABORT, 'suspects: append-only'); END;
CREATE TRIGGER unsettled_no_update BEFORE UPDATE ON unsettled
BEGIN SELECT RAISE(ABORT, 'unsettled: append-only'); END;
CREATE TRIGGER unsettled_no_delete BEFORE DELETE ON unsettled
BEGIN SELECT RAISE(ABORT, 'unsettled: append-only'); END;
CREATE TRIGGER settlements_no_update BEFORE UPDATE ON settlements
BEGIN SELECT RAISE(ABORT, 'settlements: append-only'); END;
CREATE TRIGGER settlements_no_delete BEFORE DELETE ON settlements
BEGIN SELECT RAISE(ABORT, 'settlements: append-only'); END;
CREATE TRIGGER alarms_no_update BEFORE UPDATE ON alarms
BEGIN SELECT RAISE(ABORT, 'alarms: append-only'); END;
CREATE TRIGGER alarms_no_delete BEFORE DELETE ON alarms
BEGIN SELECT RAISE(ABORT, 'alarms: append-only'); END;
CREATE TRIGGER accounts_no_delete BEFORE DELETE ON accounts
BEGIN SELECT RAISE(ABORT, 'accounts: append-only'); END;
CREATE TRIGGER accounts_keep_their_name BEFORE UPDATE OF id, owner, unit, kind, may_go_negative ON accounts
BEGIN SELECT RAISE(ABORT, 'accounts: only the balance changes'); END;

-- Below zero: never where the kind forbids it, except the shadow of a card, by a report of what the card did.
CREATE TRIGGER entries_no_overdraft BEFORE INSERT ON entries
WHEN NEW.balance_after < 0
    AND NEW.amount < 0
    AND (SELECT may_go_negative FROM accounts WHERE id = NEW.account_id) = 0
    AND NOT (
        (SELECT kind FROM accounts WHERE id = NEW.account_id) = 'card'
        AND (SELECT kind FROM transactions WHERE id = NEW.transaction_id) IN ('sale', 'settlement')
    )
BEGIN SELECT RAISE(ABORT, 'entries: this account may not go below zero'); END;
