"""One sale after the other, one durable commit each: what the ledger's speed is a multiple of.

Each has run(count) -> seconds, so that slices of it can be interleaved with what is compared. Cards and
kiosks are drawn from a fixed seed.
"""

import random
import sqlite3
import sys
import time
from functools import lru_cache
from pathlib import Path

import psycopg

from host.db import dialect

CARDS = 1000
KIOSKS = 20
SEED = 1
PRICE_FEN = 100
START_FEN = 100_000_000
_HASH = bytes(range(32))
_BODY = bytes(75)
_BOOKED_S = 1_790_000_000

TABLES = """
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
) STRICT, WITHOUT ROWID;
"""

INSERT_TRANSACTION = "INSERT INTO transactions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_TRANSFER = "INSERT INTO transfers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_REPORT = "INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
UPDATE_ACCOUNT = "UPDATE accounts SET balance = balance + ? WHERE id = ?"
UPDATE_PURSE = "UPDATE purses SET value_fen = ?, tmc = ? WHERE id = ?"
Statement = tuple[str, tuple[object, ...]]


class _Sales:
    """What a sale writes: three rows, and what three others hold then."""

    def __init__(self) -> None:
        self._draw = random.Random(SEED)
        self._sales = 0
        self.balances = dict.fromkeys(range(1, CARDS + KIOSKS + 1), 0)
        self.purses = [[START_FEN, 0] for _ in range(CARDS)]

    def next(self) -> list[Statement]:
        self._sales += 1
        sale = self._sales
        card, kiosk = self._draw.randrange(CARDS), self._draw.randrange(KIOSKS)
        debit, credit = card + 1, CARDS + kiosk + 1
        self.balances[debit] -= PRICE_FEN
        self.balances[credit] += PRICE_FEN
        purse = self.purses[card]
        purse[0] -= PRICE_FEN
        purse[1] += 1
        value_fen, tmc = purse
        name, after = f"K{kiosk}", (self.balances[debit], self.balances[credit])
        of_card = (card, tmc, value_fen, _BOOKED_S, _BOOKED_S, _HASH)
        return [
            (INSERT_TRANSACTION, (sale, 1, None, "sale", f"{name}/1.{sale}", name, name, *of_card)),
            (INSERT_TRANSFER, (sale, sale, 1, 1, debit, credit, PRICE_FEN, *after)),
            (INSERT_REPORT, (name, 1, sale, 1, _HASH, _BODY, 0, after[0], _BOOKED_S)),
            (UPDATE_ACCOUNT, (-PRICE_FEN, debit)),
            (UPDATE_ACCOUNT, (PRICE_FEN, credit)),
            (UPDATE_PURSE, (value_fen, tmc, card)),
        ]

    def start(self) -> list[tuple[str, list[tuple[int, ...]]]]:
        """The rows that are there before the first sale, for executemany."""
        purses = [(number, *purse) for number, purse in enumerate(self.purses)]
        return [
            ("INSERT INTO accounts VALUES (?, ?)", list(self.balances.items())),
            ("INSERT INTO purses VALUES (?, ?, ?)", purses),
        ]


class SqliteOneByOne:
    """sqlite3, WAL, synchronous=FULL: three inserts and three updates a sale, of rows like the ledger's."""

    def __init__(self, folder: Path) -> None:
        self._sales = _Sales()
        self.connection = sqlite3.connect(folder / "one_by_one.db", isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=FULL")
        if sys.platform == "darwin":  # fsync there leaves data in the drive's cache
            self.connection.execute("PRAGMA fullfsync=1")
        self.connection.executescript(TABLES)
        self.connection.execute("BEGIN")
        for sql, rows in self._sales.start():
            self.connection.executemany(sql, rows)
        self.connection.execute("COMMIT")

    def run(self, count: int) -> float:
        """Seconds for so many sales."""
        execute, began = self.connection.execute, time.perf_counter()
        for _ in range(count):
            execute("BEGIN IMMEDIATE")
            for sql, row in self._sales.next():
                execute(sql, row)
            execute("COMMIT")
        return time.perf_counter() - began

    def close(self) -> None:
        self.connection.close()


class PostgresOneByOne:
    """The same on PostgreSQL: psycopg, a statement at a time, a commit a sale."""

    def __init__(self, url: str) -> None:
        self._sales = _Sales()
        self.connection = psycopg.connect(url)
        for statement in dialect.statements(TABLES, "postgresql"):
            self.connection.execute(statement.encode())
        for sql, rows in self._sales.start():
            self.connection.cursor().executemany(_percent(sql), rows)
        self.connection.commit()

    def run(self, count: int) -> float:
        """Seconds for so many sales."""
        execute, began = self.connection.execute, time.perf_counter()
        for _ in range(count):
            for sql, row in self._sales.next():
                execute(_percent(sql), row)
            self.connection.commit()
        return time.perf_counter() - began

    def close(self) -> None:
        self.connection.close()


@lru_cache
def _percent(sql: str) -> bytes:
    return sql.replace("?", "%s").encode()
