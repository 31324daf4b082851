-- Somebody with a pass of minutes is inside, since at_s. Who of a card's passes: the one that began it.
CREATE TABLE stays (
    id SERIAL PRIMARY KEY,
    pass_id INTEGER NOT NULL REFERENCES passes (id),
    at_s INTEGER NOT NULL
) STRICT;
CREATE INDEX stays_by_pass ON stays (pass_id, id);

-- What became of a stay; the newest row counts, without one it goes on.
CREATE TABLE stay_steps (
    id SERIAL PRIMARY KEY,
    stay_id INTEGER NOT NULL REFERENCES stays (id),
    -- out: by a door, desk: by a clerk, limit: by itself; back: its door did not open, it goes on; void: nobody
    -- came in
    what TEXT NOT NULL CHECK (what IN ('out', 'desk', 'limit', 'back', 'void')),
    ended_s INTEGER,  -- until when it counts
    used_min INTEGER NOT NULL CHECK (used_min >= 0),  -- of back: given back
    booked_min INTEGER NOT NULL CHECK (booked_min >= 0),  -- off the pass, or onto it
    owed_min INTEGER NOT NULL CHECK (owed_min >= 0),  -- more than there was
    act INTEGER UNIQUE REFERENCES desk_acts (id),
    reason TEXT NOT NULL,
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL,
    CHECK ((what = 'desk') = (act IS NOT NULL))
) STRICT;
CREATE INDEX stay_steps_by_stay ON stay_steps (stay_id, id);

-- Which entries (a card at a door, which opened) are of which stay. used_min: it went out; NULL: it came in.
CREATE TABLE stay_taps (
    kiosk INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    stay_id INTEGER NOT NULL REFERENCES stays (id),
    used_min INTEGER,
    PRIMARY KEY (kiosk, epoch, counter),
    FOREIGN KEY (kiosk, epoch, counter) REFERENCES entries (kiosk, epoch, counter)
) STRICT, WITHOUT ROWID;
CREATE INDEX stay_taps_by_stay ON stay_taps (stay_id);
