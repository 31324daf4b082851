-- Three kinds of card, see docs/cards.md. The column `kind` of cards is added by the step itself.

-- The highest counter that an account card's own messages were seen with; changed in place.
CREATE TABLE sun_counters (
    uid BLOB NOT NULL,
    issue INTEGER NOT NULL,
    counter INTEGER NOT NULL CHECK (counter >= 0),
    PRIMARY KEY (uid, issue),
    FOREIGN KEY (uid, issue) REFERENCES cards (uid, issue)
) STRICT, WITHOUT ROWID;

-- What a plain card may spend in a day; the newest row of a card counts, without one the house's default.
CREATE TABLE card_limits (
    id SERIAL PRIMARY KEY,
    uid BLOB NOT NULL,
    issue INTEGER NOT NULL,
    daily_fen INTEGER NOT NULL CHECK (daily_fen >= 0),
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL,
    FOREIGN KEY (uid, issue) REFERENCES cards (uid, issue)
) STRICT;
CREATE INDEX card_limits_by_card ON card_limits (uid, issue, id);

-- PINs of plain cards, stretched; the newest row counts, NULL: none is asked. Each begins with no wrong tries.
CREATE TABLE card_pins (
    id SERIAL PRIMARY KEY,
    uid BLOB NOT NULL,
    issue INTEGER NOT NULL,
    stretched TEXT,
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL,
    FOREIGN KEY (uid, issue) REFERENCES cards (uid, issue)
) STRICT;
CREATE INDEX card_pins_by_card ON card_pins (uid, issue, id);

-- Wrong tries in a row; changed in place.
CREATE TABLE card_pin_tries (
    uid BLOB NOT NULL,
    issue INTEGER NOT NULL,
    wrong INTEGER NOT NULL CHECK (wrong >= 0),
    PRIMARY KEY (uid, issue),
    FOREIGN KEY (uid, issue) REFERENCES cards (uid, issue)
) STRICT, WITHOUT ROWID;

-- Lists of old cards that were taken over, each once.
CREATE TABLE imports (
    sha256 BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    cards INTEGER NOT NULL CHECK (cards > 0),
    balance_fen INTEGER NOT NULL CHECK (balance_fen >= 0),
    points INTEGER NOT NULL CHECK (points >= 0),
    who TEXT NOT NULL,
    second TEXT,  -- who said yes to it too, where one person may not alone
    at_s INTEGER NOT NULL
) STRICT;
