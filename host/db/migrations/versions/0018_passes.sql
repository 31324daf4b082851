-- What a card's holder is greeted with; the newest row of a card counts.
CREATE TABLE card_notes (
    id SERIAL PRIMARY KEY,
    uid BLOB NOT NULL,
    issue INTEGER NOT NULL,
    tier INTEGER NOT NULL CHECK (tier >= 0),  -- of protocol.wire.greeting, 0: none
    birthday TEXT NOT NULL,  -- MM-DD, '': not known
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL,
    FOREIGN KEY (uid, issue) REFERENCES cards (uid, issue)
) STRICT;
CREATE INDEX card_notes_by_card ON card_notes (uid, issue, id);

-- Entry passes: so many visits, which lie in the account pass:ID, or as often as wanted until a day.
CREATE TABLE passes (
    id SERIAL PRIMARY KEY,
    uid BLOB NOT NULL,
    issue INTEGER NOT NULL,
    visits INTEGER NOT NULL CHECK (visits >= 0),  -- 0: a period
    until_s INTEGER,  -- NULL: no end
    opens_min INTEGER NOT NULL,  -- minutes of the local day; opens = closes: at any time
    closes_min INTEGER NOT NULL,
    again_min INTEGER NOT NULL,  -- who enters again so soon pays no second visit
    reference TEXT NOT NULL UNIQUE,
    reason TEXT NOT NULL,
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL,
    CHECK (visits > 0 OR until_s IS NOT NULL),
    FOREIGN KEY (uid, issue) REFERENCES cards (uid, issue)
) STRICT;
CREATE INDEX passes_by_card ON passes (uid, issue);

-- What was decided about a door's request, once for its number. transaction_id: of the visit that it took.
CREATE TABLE entries (
    kiosk INTEGER NOT NULL REFERENCES kiosks (number),
    epoch INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    uid BLOB NOT NULL,
    pass_id INTEGER REFERENCES passes (id),
    reason TEXT NOT NULL,  -- '': the door opened
    visits_left INTEGER,  -- NULL: of a period
    until_s INTEGER,
    transaction_id INTEGER UNIQUE REFERENCES transactions (id),
    at_s INTEGER NOT NULL,
    PRIMARY KEY (kiosk, epoch, counter),
    CHECK ((reason = '') = (pass_id IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX entries_by_pass ON entries (pass_id, at_s);
