-- The allow-list: purse cards that kiosks may serve while nobody can be asked. Made from card_states and the
-- hotlist, and changed in place: without its rows it is made anew.

CREATE TABLE allow_cards (
    uid BLOB PRIMARY KEY,
    issue INTEGER NOT NULL,
    part INTEGER NOT NULL,  -- -1: there was no room
    seed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX allow_cards_by_part ON allow_cards (part);

-- version: of the whole list, when this part last changed. left_s: cards were taken out since then, first at.
CREATE TABLE allow_parts (
    part INTEGER PRIMARY KEY,
    version INTEGER NOT NULL UNIQUE,
    left_s INTEGER
) STRICT;
