-- Blank cards as they came in, see host/cards/stock.py. listed: each by its UID.
CREATE TABLE card_batches (
    id SERIAL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    supplier TEXT NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    listed INTEGER NOT NULL CHECK (listed IN (0, 1)),
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL
) STRICT;

-- So many cards of a batch came into a state: "issued" and "used" at that desk; "blank" and "void" from that
-- desk, or from the house where it is NULL.
CREATE TABLE card_stock (
    id SERIAL PRIMARY KEY,
    batch INTEGER NOT NULL REFERENCES card_batches (id),
    state TEXT NOT NULL CHECK (state IN ('blank', 'issued', 'used', 'void')),
    desk TEXT,
    uid BLOB,  -- of a listed card, and of any that was used
    count INTEGER NOT NULL CHECK (count > 0),
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL
) STRICT;
CREATE INDEX card_stock_by_batch ON card_stock (batch);
CREATE INDEX card_stock_by_uid ON card_stock (uid, id) WHERE uid IS NOT NULL;

-- How far each scheme of card numbers has counted, by region; changed in place.
CREATE TABLE card_numbers (
    scheme TEXT NOT NULL,
    region TEXT NOT NULL,
    last INTEGER NOT NULL CHECK (last > 0),
    PRIMARY KEY (scheme, region)
) STRICT, WITHOUT ROWID;
INSERT INTO card_numbers (scheme, region, last)
SELECT '{seq:12}', '', count(*) FROM cards HAVING count(*) > 0;
