-- Which life of a kiosk was in a stage and said what, as by its issue number; who is held back. docs/updates.md.

CREATE TABLE made_kiosks (
    rollout INTEGER NOT NULL REFERENCES rollouts (id),
    kiosk INTEGER NOT NULL REFERENCES kiosks (number),
    issue INTEGER NOT NULL,
    stage INTEGER NOT NULL,
    at_s INTEGER NOT NULL,
    PRIMARY KEY (rollout, kiosk, issue)
) STRICT, WITHOUT ROWID;

INSERT INTO made_kiosks (rollout, kiosk, issue, stage, at_s)
    SELECT rollout, kiosk, 1 + (SELECT count(*) FROM kiosk_revocations r
        WHERE r.kiosk = m.kiosk AND r.at_s < m.at_s), stage, at_s FROM rollout_kiosks m;

DROP TABLE rollout_kiosks;

ALTER TABLE made_kiosks RENAME TO rollout_kiosks;

CREATE TABLE made_words (
    rollout INTEGER NOT NULL REFERENCES rollouts (id),
    kiosk INTEGER NOT NULL REFERENCES kiosks (number),
    issue INTEGER NOT NULL,
    state INTEGER NOT NULL,
    reason TEXT NOT NULL,
    at_s INTEGER NOT NULL,
    PRIMARY KEY (rollout, kiosk, issue, state)
) STRICT, WITHOUT ROWID;

INSERT INTO made_words (rollout, kiosk, issue, state, reason, at_s)
    SELECT rollout, kiosk, 1 + (SELECT count(*) FROM kiosk_revocations r
        WHERE r.kiosk = m.kiosk AND r.at_s < m.at_s), state, reason, at_s FROM rollout_words m;

DROP TABLE rollout_words;

ALTER TABLE made_words RENAME TO rollout_words;

-- A person leaves a kiosk out of a roll-out.
CREATE TABLE rollout_holds (
    rollout INTEGER NOT NULL REFERENCES rollouts (id),
    kiosk INTEGER NOT NULL REFERENCES kiosks (number),
    reason TEXT NOT NULL,
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL,
    PRIMARY KEY (rollout, kiosk)
) STRICT, WITHOUT ROWID;

ALTER TABLE rollouts ADD COLUMN absent_s INTEGER NOT NULL DEFAULT 86400;
