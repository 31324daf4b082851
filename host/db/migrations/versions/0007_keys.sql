-- Key versions are generations, see host/cards/keeper. cards.key_version: the one a card was made with. A card is
-- moved to a newer one at a desk: a row before its first key is changed, and another when all are.
CREATE TABLE card_key_moves (
    id SERIAL PRIMARY KEY,
    uid BLOB NOT NULL,
    issue INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    confirmed INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL,
    FOREIGN KEY (uid, issue) REFERENCES cards (uid, issue)
) STRICT;
CREATE INDEX card_key_moves_by_card ON card_key_moves (uid, issue, id);
CREATE INDEX card_key_moves_by_version ON card_key_moves (version);
CREATE INDEX cards_by_key_version ON cards (key_version);

-- What was done with the masters, and by which two persons.
CREATE TABLE key_acts (
    id SERIAL PRIMARY KEY,
    act TEXT NOT NULL,
    detail TEXT NOT NULL,
    first TEXT NOT NULL,
    second TEXT NOT NULL,
    at_s INTEGER NOT NULL,
    CHECK (first <> second)
) STRICT;

-- A kiosk with this issue number of its secret is not listened to any more.
CREATE TABLE kiosk_revocations (
    kiosk INTEGER NOT NULL REFERENCES kiosks (number),
    issue INTEGER NOT NULL,
    reason TEXT NOT NULL,
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL,
    PRIMARY KEY (kiosk, issue)
) STRICT, WITHOUT ROWID;
