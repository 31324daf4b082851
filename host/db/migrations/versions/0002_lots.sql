-- Points and vouchers in lots: what was earned together and expires together. remaining is changed in place like
-- a balance; lot_uses says which transfer took how much of which lot.
CREATE TABLE lots (
    transfer_id INTEGER PRIMARY KEY REFERENCES transfers (id),
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    expires_s INTEGER,
    remaining INTEGER NOT NULL CHECK (remaining >= 0),
    CHECK (remaining <= amount)
) STRICT;
CREATE INDEX lots_left ON lots (account_id, transfer_id) WHERE remaining > 0;
CREATE INDEX lots_expiring ON lots (expires_s) WHERE remaining > 0;

CREATE TABLE lot_uses (
    transfer_id INTEGER NOT NULL REFERENCES transfers (id),
    lot_id INTEGER NOT NULL REFERENCES lots (transfer_id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    PRIMARY KEY (transfer_id, lot_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX lot_uses_by_lot ON lot_uses (lot_id);
