"""Books of any size, as the program itself would have written them: sales on loaded cards at some kiosks.

    python -m tests.bench.books_of_size --data FOLDER --sales 5000000 [--address postgresql://...]

Booked through host.ledger, so links, balances and pointers are its own; only the kiosks' messages are made
here instead of being opened, and their Transaction MACs are no card's.
"""

import argparse
import hashlib
import random
import struct
import time
from functools import lru_cache
from pathlib import Path

from host import installation
from host.db import engine
from host.db.engine import Database
from host.installation import Installation
from host.ledger import loads, purse
from host.ledger.books import Books, book
from host.ledger.checkpoints import Checkpoints
from host.ledger.purse import CardMove
from host.terminals.fleet.configs import Config
from host.terminals.fleet.kiosks import Kiosks
from protocol.wire import cbor, messages

FIRST_UID = 0x04_2000_0000_0080
LOAD_FEN = 100_000
PRICE_FEN = 100
BATCH = 5_000
WHO = "operator:desk"
AT_S = 1_780_000_000
_encoded = lru_cache(1 << 16)(cbor.encode)


class Writer:
    """Adds sales to an installation; the same arguments make the same sales."""

    def __init__(self, opened: Installation, cards: int, kiosks: int, seed: int = 1) -> None:
        self._database = opened.database
        self._random = random.Random(seed)
        self._uids = [(FIRST_UID + at).to_bytes(7, "big") for at in range(cards)]
        self._checkpoints = Checkpoints(opened.database, opened.keeper.ledger_mac, opened.database.folder)
        known = Kiosks(opened.database, opened.keeper)
        self._kiosks = [known.register(f"B{at}", Config(PRICE_FEN), WHO)[0] for at in range(1, kiosks + 1)]
        self._counters = [0] * kiosks
        self._heads = [cbor.encode(uid) + b"\x02\x01" for uid in self._uids]
        self._purses: list[int] = []
        for start in range(0, cards, BATCH):
            self._issue(self._uids[start : start + BATCH])

    def _issue(self, uids: list[bytes]) -> None:
        with book(self._database) as books:
            for at, uid in enumerate(uids, len(self._purses) + 1):
                row = (uid, 1, f"{at:012d}", 1, AT_S)
                sql = "INSERT INTO cards (uid, issue, number, key_version, made_at_s) VALUES (?, ?, ?, ?, ?)"
                books.connection.execute(sql, row)
                sql = "INSERT INTO card_states (uid, issue, state, who, at_s) VALUES (?, 1, 'active', ?, ?)"
                books.connection.execute(sql, (uid, WHO, AT_S))
                self._purses.append(purse.open_(books, uid, 1, known=True).account_id)
                self._load(books, uid)

    def _load(self, books: Books, uid: bytes) -> None:
        found = purse.open_(books, uid, 1, known=True)
        move = CardMove(uid, 1, found.tmc + 1, LOAD_FEN, found.value_fen + LOAD_FEN)
        loads.post_load(books, loads.plan_load(books, move, WHO, AT_S), move, WHO)

    def add(self, sales: int) -> None:
        """So many sales more; cards that are spent are loaded again."""
        for start in range(0, sales, BATCH):
            with book(self._database) as books:
                self._batch(books, min(BATCH, sales - start))
            self._checkpoints.after(books.last)

    def _batch(self, books: Books, sales: int) -> None:
        chosen = [self._random.randrange(len(self._uids)) for _ in range(sales)]
        books.load(sorted({self._purses[card] for card in chosen}))
        reports = []
        for card in chosen:
            at = self._random.randrange(len(self._kiosks))
            amount_fen = self._random.randrange(1, PRICE_FEN)
            found = books.purses[self._purses[card]]
            if found.value_fen < amount_fen:
                self._load(books, self._uids[card])
            move = CardMove(found.uid, 1, found.tmc + 1, -amount_fen, found.value_fen - amount_fen)
            kiosk = self._kiosks[at]
            number = purse.book_sale(books, "sale", found, move, kiosk.name, AT_S)
            self._counters[at] += 1
            body = self._body(card, move)
            reports.append(
                (
                    *(
                        kiosk.number,
                        1,
                        self._counters[at],
                        messages.SALE,
                        hashlib.sha256(body).digest(),
                        body,
                    ),
                    *(messages.BOOKED, move.value_after_fen, number, AT_S),
                )
            )
        books.flush()
        columns = "kiosk, epoch, counter, kind, sha256, body, code, balance_fen, transaction_id, received_s"
        books.connection.insert("reports", columns, sorted(reports))
        for kiosk, counter in zip(self._kiosks, self._counters, strict=True):
            books.connection.execute(
                "INSERT INTO kiosk_epochs (kiosk, epoch, upto) VALUES (?, 1, ?)"
                " ON CONFLICT (kiosk, epoch) DO UPDATE SET upto = excluded.upto",
                (kiosk.number, counter),
            )

    def _body(self, card: int, move: CardMove) -> bytes:
        return b"".join(
            (
                *(b"\x82\x02\xa7\x01", self._heads[card], b"\x03", _encoded(-move.change_fen), b"\x04"),
                *(_encoded(move.tmc), b"\x05\x48", self._random.randbytes(8), b"\x06"),
                *(_encoded(move.value_after_fen), b"\x09\x1a", struct.pack(">I", AT_S)),
            )
        )


def make(data: Path, sales: int, cards: int, kiosks: int = 20, address: str | None = None) -> Database:
    """A new installation in the folder with so many sales; address: of a PostgreSQL database."""
    data.mkdir(parents=True, exist_ok=True)
    if address is not None:
        (data / engine.ADDRESS).write_text(address)
    installation.init(data, None, demo=True)
    opened = installation.open_(data, None)
    Writer(opened, cards, kiosks).add(sales)
    return opened.database


def main() -> None:
    """Make them and say how long it took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sales", type=int, required=True)
    parser.add_argument("--cards", type=int, default=10_000)
    parser.add_argument("--kiosks", type=int, default=20)
    parser.add_argument("--address")
    given = parser.parse_args()
    began = time.perf_counter()
    make(given.data, given.sales, given.cards, given.kiosks, given.address)
    print(f"{given.sales} sales in {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
