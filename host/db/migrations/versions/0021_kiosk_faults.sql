-- What kiosks say went wrong with them. fault: drawn by the kiosk, so that what is told twice is kept once.
CREATE TABLE kiosk_faults (
    id SERIAL PRIMARY KEY,
    kiosk INTEGER NOT NULL REFERENCES kiosks (number),
    fault BLOB NOT NULL,
    source TEXT NOT NULL,  -- restart, or the part that it goes on without
    cause TEXT NOT NULL,
    count INTEGER NOT NULL,  -- of restarts in a row
    uptime_s INTEGER NOT NULL,
    firmware TEXT NOT NULL,
    happened_s INTEGER NOT NULL,  -- by the kiosk's clock, which is a hint
    received_s INTEGER NOT NULL,
    UNIQUE (kiosk, fault)
) STRICT;
CREATE INDEX kiosk_faults_by_time ON kiosk_faults (kiosk, received_s);
