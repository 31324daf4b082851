"""One sale after the other, one durable commit each: what the ledger's speed is a multiple of.

Each has run(count) -> seconds, so that slices of it can be interleaved with what is compared. Cards and
kiosks are drawn from a fixed seed.
"""

import random
import sqlite3
import sys
import time
from pathlib import Path

import psycopg

CARDS = 1000
KIOSKS = 20
SEED = 1
PRICE_FEN = 100
START_FEN = 100_000_000
_HASH = bytes(range(32))
_BODY = bytes(75)
_BOOKED_S = 1_790_000_000

_SQLITE_TABLES = """
CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL) STRICT;
CREATE TABLE purses (id INTEGER PRIMARY KEY, value_fen INTEGER NOT NULL, tmc INTEGER NOT NULL) STRICT;
CREATE TABLE transactions (
    id INTEGER PRIMARY KEY, state INTEGER NOT NULL, ending_of INTEGER, kind TEXT NOT NULL,
    reference TEXT NOT NULL, who TEXT NOT NULL, kiosk TEXT, purse INTEGER, tmc INTEGER, value_fen INTEGER,
    happened_s INTEGER NOT NULL, booked_s INTEGER NOT NULL, hash BLOB NOT NULL
) STRICT;
CREATE TABLE transfers (
    id INTEGER PRIMARY KEY, transaction_id INTEGER NOT NULL, line INTEGER NOT NULL, unit INTEGER NOT NULL,
    debit INTEGER NOT NULL, credit INTEGER NOT NULL, amount INTEGER NOT NULL,
    debit_after INTEGER NOT NULL, credit_after INTEGER NOT NULL
) STRICT;
CREATE TABLE reports (
    kiosk TEXT NOT NULL, epoch INTEGER NOT NULL, counter INTEGER NOT NULL, kind INTEGER NOT NULL,
    sha256 BLOB NOT NULL, body BLOB NOT NULL, code INTEGER NOT NULL, balance INTEGER,
    received INTEGER NOT NULL,
    PRIMARY KEY (kiosk, epoch, counter)
) WITHOUT ROWID, STRICT;
"""

_POSTGRES_TABLES = """
CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL);
CREATE TABLE transactions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind text NOT NULL, reference text NOT NULL,
    happened timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE entries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transaction_id bigint NOT NULL REFERENCES transactions,
    account int NOT NULL REFERENCES accounts, amount bigint NOT NULL
);
"""


class SqliteOneByOne:
    """sqlite3, WAL, synchronous=FULL: three inserts and three updates a sale, of rows like the ledger's."""

    def __init__(self, folder: Path) -> None:
        self._draw = random.Random(SEED)
        self._sales = 0
        self._balances = dict.fromkeys(range(1, CARDS + KIOSKS + 1), 0)
        self._purses = [[START_FEN, 0] for _ in range(CARDS)]
        self.connection = sqlite3.connect(folder / "one_by_one.db", isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=FULL")
        if sys.platform == "darwin":  # fsync there leaves data in the drive's cache
            self.connection.execute("PRAGMA fullfsync=1")
        self.connection.executescript(_SQLITE_TABLES)
        self.connection.execute("BEGIN")
        self.connection.executemany("INSERT INTO accounts VALUES (?, ?)", self._balances.items())
        purses = [(number, *purse) for number, purse in enumerate(self._purses)]
        self.connection.executemany("INSERT INTO purses VALUES (?, ?, ?)", purses)
        self.connection.execute("COMMIT")

    def run(self, count: int) -> float:
        """Seconds for so many sales."""
        began = time.perf_counter()
        for _ in range(count):
            self._sell()
        return time.perf_counter() - began

    def close(self) -> None:
        self.connection.close()

    def _sell(self) -> None:
        self._sales += 1
        sale, execute = self._sales, self.connection.execute
        card, kiosk = self._draw.randrange(CARDS), self._draw.randrange(KIOSKS)
        debit, credit = card + 1, CARDS + kiosk + 1
        self._balances[debit] -= PRICE_FEN
        self._balances[credit] += PRICE_FEN
        purse = self._purses[card]
        purse[0] -= PRICE_FEN
        purse[1] += 1
        value_fen, tmc = purse
        kiosk_name = f"K{kiosk}"
        after = (self._balances[debit], self._balances[credit])
        execute("BEGIN IMMEDIATE")
        execute(
            "INSERT INTO transactions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (sale, 1, None, "sale", f"{kiosk_name}/1.{sale}", kiosk_name, kiosk_name, card, tmc, value_fen,
             _BOOKED_S, _BOOKED_S, _HASH),
        )  # fmt: skip
        execute(
            "INSERT INTO transfers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (sale, sale, 1, 1, debit, credit, PRICE_FEN, *after),
        )
        execute(
            "INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (kiosk_name, 1, sale, 1, _HASH, _BODY, 0, after[0], _BOOKED_S),
        )
        execute("UPDATE accounts SET balance = balance - ? WHERE id = ?", (PRICE_FEN, debit))
        execute("UPDATE accounts SET balance = balance + ? WHERE id = ?", (PRICE_FEN, credit))
        execute("UPDATE purses SET value_fen = ?, tmc = ? WHERE id = ?", (value_fen, tmc, card))
        execute("COMMIT")


class PostgresOneByOne:
    """psycopg, a statement at a time: a transaction, its two entries, its two balances, commit."""

    def __init__(self, url: str) -> None:
        self._draw = random.Random(SEED)
        self._sales = 0
        self.connection = psycopg.connect(url)
        self.connection.execute(_POSTGRES_TABLES)
        self.connection.execute(
            "INSERT INTO accounts SELECT id, 0 FROM generate_series(1, %s) AS id", (CARDS + KIOSKS,)
        )
        self.connection.commit()

    def run(self, count: int) -> float:
        """Seconds for so many sales."""
        began = time.perf_counter()
        for _ in range(count):
            self._sell()
        return time.perf_counter() - began

    def close(self) -> None:
        self.connection.close()

    def _sell(self) -> None:
        self._sales += 1
        card, kiosk = self._draw.randrange(CARDS), self._draw.randrange(KIOSKS)
        execute = self.connection.execute
        row = execute(
            "INSERT INTO transactions (kind, reference) VALUES ('sale', %s) RETURNING id",
            (f"K{kiosk}/1.{self._sales}",),
        ).fetchone()
        for account, amount in ((card + 1, -PRICE_FEN), (CARDS + kiosk + 1, PRICE_FEN)):
            execute(
                "INSERT INTO entries (transaction_id, account, amount) VALUES (%s, %s, %s)",
                (row and row[0], account, amount),
            )
            execute("UPDATE accounts SET balance = balance + %s WHERE id = %s", (amount, account))
        self.connection.commit()
