-- What operators do at a desk. An act is known by its operator and the key that the client gave, once and for
-- ever; its answer is kept when it is done, and the same is answered to the same.
CREATE TABLE desk_acts (
    id SERIAL PRIMARY KEY,
    operator TEXT NOT NULL REFERENCES operators (name),
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    sha256 BLOB NOT NULL,  -- of what was asked
    began_at_s INTEGER NOT NULL,
    UNIQUE (operator, key)
) STRICT;

CREATE TABLE desk_answers (
    act INTEGER PRIMARY KEY REFERENCES desk_acts (id),
    answer TEXT NOT NULL,  -- JSON
    at_s INTEGER NOT NULL
) STRICT;

-- An act that one person may not do alone waits for another's yes.
CREATE TABLE approvals (
    id SERIAL PRIMARY KEY,
    act INTEGER NOT NULL UNIQUE REFERENCES desk_acts (id),
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen >= 0),
    reason TEXT NOT NULL,
    asked_by TEXT NOT NULL REFERENCES operators (name),
    asked_at_s INTEGER NOT NULL,
    expires_at_s INTEGER NOT NULL
) STRICT;

CREATE TABLE approval_answers (
    approval INTEGER PRIMARY KEY REFERENCES approvals (id),
    yes INTEGER NOT NULL CHECK (yes IN (0, 1)),
    reason TEXT NOT NULL,
    answered_by TEXT NOT NULL REFERENCES operators (name),
    at_s INTEGER NOT NULL
) STRICT;

-- A shift is an operator with a drawer, from its first count to its last.
CREATE TABLE shifts (
    id SERIAL PRIMARY KEY,
    operator TEXT NOT NULL REFERENCES operators (name),
    opened_at_s INTEGER NOT NULL
) STRICT;
CREATE INDEX shifts_by_operator ON shifts (operator, id);

CREATE TABLE drawer_counts (
    id SERIAL PRIMARY KEY,
    shift INTEGER NOT NULL REFERENCES shifts (id),
    what TEXT NOT NULL CHECK (what IN ('opened', 'counted', 'closed')),
    expected_fen INTEGER NOT NULL,
    counted_fen INTEGER NOT NULL CHECK (counted_fen >= 0),
    detail TEXT NOT NULL,
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX drawer_opened_once ON drawer_counts (shift) WHERE what = 'opened';
CREATE UNIQUE INDEX drawer_closed_once ON drawer_counts (shift) WHERE what = 'closed';

-- Why a card came into a state, and what took its place.
CREATE TABLE card_ends (
    uid BLOB NOT NULL,
    issue INTEGER NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('replaced', 'refunded', 'voided')),
    act INTEGER NOT NULL REFERENCES desk_acts (id),
    new_uid BLOB,
    new_issue INTEGER,
    released_fen INTEGER NOT NULL CHECK (released_fen >= 0),
    exposure TEXT NOT NULL,  -- kiosks that could still take the card then, with commas between
    reason TEXT NOT NULL,
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL,
    PRIMARY KEY (uid, issue),
    FOREIGN KEY (uid, issue) REFERENCES cards (uid, issue),
    FOREIGN KEY (new_uid, new_issue) REFERENCES cards (uid, issue)
) STRICT, WITHOUT ROWID;

-- What two persons decided about a report that was kept apart, or a sale that was left open.
CREATE TABLE suspect_decisions (
    suspect INTEGER PRIMARY KEY REFERENCES suspects (id),
    booked INTEGER NOT NULL CHECK (booked IN (0, 1)),
    transaction_id INTEGER REFERENCES transactions (id),
    act INTEGER NOT NULL REFERENCES desk_acts (id),
    reason TEXT NOT NULL,
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL
) STRICT;
