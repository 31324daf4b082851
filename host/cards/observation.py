"""What a card on a desk reader says of the sales that kiosks left open, or have not told yet.

The desk reads the card's log under the master key, which no kiosk holds: so what stands there the card
committed, and what is missing from a log that reaches back it did not. Which counter a debit had is told by
the kiosk that left it open, by the Transaction MAC where the card still holds it, or by the proven moves
around it. What the kiosks tell later is held and not booked again.
"""

import secrets
from typing import NamedTuple

from host import alarms
from host.cards import rekey
from host.cards.card_keys import card_keys
from host.cards.facts import Facts
from host.cards.keeper import Keeper
from host.cards.proof import Proofs
from host.cards.readers import CardConnection
from host.cards.registry import Card
from host.db.engine import Database
from host.ledger import corrections, late, loads, purse
from host.ledger.books import book
from host.ledger.purse import CardMove
from host.ledger.terms import Purse
from host.terminals.doubt import left_open, open_sales, unproven
from host.terminals.doubt.open_sales import OpenSale
from host.terminals.doubt.settling import settled
from host.terminals.reported.work import Work
from protocol.card import apdu, layout, tmac
from protocol.card import purse as card_side


class Record(NamedTuple):
    """A debit in the card's log; raw: its 24 bytes."""

    kiosk: int
    epoch: int
    counter: int
    amount_fen: int
    value_fen: int
    happened_s: int
    raw: bytes

    def move(self, card: Card, tmc: int) -> CardMove:
        """What it was, if this was its counter."""
        return CardMove(card.uid, card.issue, tmc, -self.amount_fen, self.value_fen)


class Ended(NamedTuple):
    """How a sale ended, as the card has it."""

    kiosk: str
    epoch: int
    counter: int
    amount_fen: int
    paid: bool


def observe(
    database: Database, keeper: Keeper, connection: CardConnection, card: Card, who: str
) -> list[Ended]:
    """Read the card and book what follows -> the sales that it decided. CardError, NotOurs, CardGone."""
    return _observe(database, keeper, connection, rekey.move_keys(database, keeper, connection, card, who))


def look_back(database: Database, keeper: Keeper, connection: CardConnection, card: Card) -> list[Ended]:
    """The same of a life that is over, before the card is wiped for another; nothing of a card that has been
    wiped already, or that is in another life. CardGone."""
    keys, send = card_keys(keeper, card), connection.send_and_receive
    try:
        seen = apdu.run(card_side.open_purse(card.uid, keys.debit, secrets.token_bytes(16)), send)
        return _observe(database, keeper, connection, card) if seen.issue == card.issue else []
    except (apdu.CardError, card_side.NotOurs):
        return []


def _observe(database: Database, keeper: Keeper, connection: CardConnection, card: Card) -> list[Ended]:
    keys, send = card_keys(keeper, card), connection.send_and_receive
    master = card_side.authenticate(layout.KEY_MASTER, keys.master, secrets.token_bytes(16))
    log = apdu.run(card_side.read_records(apdu.run(master, send)), send)
    debit = card_side.authenticate(layout.KEY_DEBIT, keys.debit, secrets.token_bytes(16))
    session = apdu.run(debit, send)
    proof = apdu.run(card_side.read_file(session, layout.FILE_TMAC, layout.TMAC_SIZE), send)
    with book(database) as books:
        work = Work(books, keeper, Facts(), Proofs(keeper))
        found = purse.open_(books, card.uid, card.issue, known=True)
        looked = _Looked(work, card, found, [_record(raw) for raw in log])
        looked.open_sales()
        looked.newest(int.from_bytes(proof[:4], "little"), proof[4:])
        looked.gaps()
        work.flush()
    return looked.ended


def _record(raw: bytes) -> Record:
    _kind, kiosk, epoch, counter, amount_fen, value_fen, happened_s = layout.read_log_record(raw)
    return Record(kiosk, epoch, counter, amount_fen, value_fen, happened_s, raw)


class _Looked:
    """A card's log beside the books, in one unit of work."""

    def __init__(self, work: Work, card: Card, found: Purse, log: list[Record]) -> None:
        self.ended: list[Ended] = []
        self._work, self._card, self._found, self._log = work, card, found, log
        self._life = card.uid, card.issue
        rows = work.connection.execute("SELECT number, name FROM kiosks")
        self._names: dict[int, str] = {row["number"]: row["name"] for row in rows}

    def open_sales(self) -> None:
        """Those that a kiosk told of: paid, or not."""
        logged = {(one.kiosk, one.epoch, one.counter): one for one in self._log}
        loads_at = {move.tmc for _, move in loads.pending_loads(self._work.connection, *self._life)}
        for sale in open_sales.of_card(self._work.connection, *self._life):
            record = logged.get((sale.kiosk, sale.epoch, sale.counter))
            if record is None:
                if self._reaches_back_to(sale.tmc):
                    self._end(sale, paid=False)
            elif sale.tmc + 1 in loads_at:
                continue  # the top-up is decided first: its proof is the card's own
            elif record.move(self._card, sale.tmc + 1) == sale.move:
                self._paid(sale)
            else:
                self._contradiction(f"{sale.name} {sale.epoch}.{sale.counter}")

    def newest(self, tmc: int, tmv: bytes) -> None:
        """The last debit, if the Transaction MAC file is still about it and nobody has told it."""
        if not self._log or not tmc or purse.is_booked(self._work.connection, self._found, tmc):
            return
        last = self._log[-1]
        before_fen = last.value_fen + last.amount_fen
        tmi = tmac.debit_input(layout.FILE_VALUE, layout.FILE_LOG, before_fen, last.amount_fen, last.raw)
        version = self._card.life_key_version
        if self._work.proofs.proves(*self._life, version, tmc, tmi, tmv):
            self._take(last, last.move(self._card, tmc))

    def gaps(self) -> None:
        """Counters that nobody has told, between two that are proven."""
        for first, last in purse.gaps(self._work.connection, self._found.account_id):
            for tmc in {first, last}:
                room = unproven.room_for(self._work, self._found, tmc)
                fits = [one for one in self._log if one.move(self._card, tmc) == room]
                if len(fits) == 1:
                    self._take(fits[0], fits[0].move(self._card, tmc))

    def _reaches_back_to(self, tmc: int) -> bool:
        """Would a debit after this counter still be in the log?"""
        if len(self._log) < layout.LOG_RECORDS - 1:
            return True
        oldest = self._log[0]
        row = self._work.connection.execute(
            "SELECT t.tmc FROM reports r JOIN transactions t ON t.id = r.transaction_id"
            " WHERE r.kiosk = ? AND r.epoch = ? AND r.counter = ?",
            (oldest.kiosk, oldest.epoch, oldest.counter),
        ).fetchone()
        return row is not None and row["tmc"] is not None and row["tmc"] <= tmc

    def _paid(self, sale: OpenSale) -> None:
        work, found, move = self._work, self._found, sale.move
        if not purse.is_booked(work.connection, found, move.tmc):
            left_open.take(work, found, sale, proven=True)
            self.ended.append(Ended(sale.name, sale.epoch, sale.counter, sale.amount_fen, True))
            return
        work.flush()
        held = purse.moved(work.connection, move.uid, move.issue, move.tmc, purse.TO_THE_FIRST)
        assert held is not None, "it is booked"
        place = corrections.place(work.connection, held[0], move)
        if held[1] != move or (place.kiosk != sale.name and not place.inferred):
            self._contradiction(f"{sale.name} {sale.epoch}.{sale.counter}")
            return
        if place.kiosk is not None and place.kiosk != sale.name:
            corrections.move_sale(work.books, move, place.kiosk, sale.name)
        self._end(sale, paid=True)

    def _end(self, sale: OpenSale, paid: bool) -> None:
        settled(self._work.connection, sale.kiosk, sale.epoch, sale.counter, int(paid), proven=True)
        self.ended.append(Ended(sale.name, sale.epoch, sale.counter, sale.amount_fen, paid))

    def _take(self, record: Record, move: CardMove) -> None:
        name = self._names.get(record.kiosk)
        if name is None:
            return
        purse.book_sale(self._work.books, "settlement", self._found, move, name, record.happened_s)
        late.cover(self._work.books, self._found, move.tmc)
        self.ended.append(Ended(name, record.epoch, record.counter, record.amount_fen, True))

    def _contradiction(self, what: str) -> None:
        alarms.raise_once(
            self._work.connection,
            "log-contradiction",
            self._card.uid_hex,
            f"Sale {what} stands otherwise in the log of card {self._card.uid_hex} than it was told: "
            "have a person look at it.",
        )
