-- Operators: roles, limits, a password for a person; changed in place, and each change is a row of
-- operator_changes too. The password is an Argon2id string; an old one is kept nowhere.
CREATE TABLE operators (
    name TEXT PRIMARY KEY,
    roles TEXT NOT NULL,  -- names of host/operators/roles.py, with commas between
    load_limit_fen INTEGER NOT NULL CHECK (load_limit_fen >= 0),
    refund_limit_fen INTEGER NOT NULL CHECK (refund_limit_fen >= 0),
    state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
    password TEXT,
    failures INTEGER NOT NULL,
    locked_until_s INTEGER NOT NULL,
    made_at_s INTEGER NOT NULL
) STRICT;

-- expires_at_s NULL: a machine's, which stays. ended_at_s: logged out, or withdrawn.
CREATE TABLE operator_tokens (
    sha256 BLOB PRIMARY KEY,
    operator TEXT NOT NULL REFERENCES operators (name),
    made_at_s INTEGER NOT NULL,
    expires_at_s INTEGER,
    ended_at_s INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX operator_tokens_open ON operator_tokens (operator) WHERE ended_at_s IS NULL;

CREATE TABLE operator_changes (
    id SERIAL PRIMARY KEY,
    operator TEXT NOT NULL REFERENCES operators (name),
    what TEXT NOT NULL,
    detail TEXT NOT NULL,
    who TEXT NOT NULL,
    at_s INTEGER NOT NULL
) STRICT;
CREATE INDEX operator_changes_by_operator ON operator_changes (operator, id);
