-- Firmware images and how they are rolled out. docs/updates.md.

CREATE TABLE firmware_images (
    version INTEGER PRIMARY KEY CHECK (version > 0),
    content BLOB NOT NULL,  -- the whole file, header first
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL
) STRICT;

-- One at a time: `after` is the one before, 0 for the first, so that two that begin at once cannot both.
CREATE TABLE rollouts (
    id SERIAL PRIMARY KEY,
    version INTEGER NOT NULL REFERENCES firmware_images (version),
    after INTEGER NOT NULL UNIQUE,
    soak_s INTEGER NOT NULL,
    silent_s INTEGER NOT NULL,
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL
) STRICT;

-- Who is in which stage, and since when.
CREATE TABLE rollout_kiosks (
    rollout INTEGER NOT NULL REFERENCES rollouts (id),
    kiosk INTEGER NOT NULL REFERENCES kiosks (number),
    stage INTEGER NOT NULL,
    at_s INTEGER NOT NULL,
    PRIMARY KEY (rollout, kiosk)
) STRICT, WITHOUT ROWID;

-- What each said of it, the first time that it said so: states of protocol/wire/updates.py.
CREATE TABLE rollout_words (
    rollout INTEGER NOT NULL REFERENCES rollouts (id),
    kiosk INTEGER NOT NULL REFERENCES kiosks (number),
    state INTEGER NOT NULL,
    reason TEXT NOT NULL,
    at_s INTEGER NOT NULL,
    PRIMARY KEY (rollout, kiosk, state)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollout_ends (
    rollout INTEGER PRIMARY KEY REFERENCES rollouts (id),
    done INTEGER NOT NULL CHECK (done IN (0, 1)),
    reason TEXT NOT NULL,
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL
) STRICT;
