"""What nothing proves, decided by two persons: reports that were kept apart, sales that a kiosk left open."""

import re
from typing import Any

from host import clock
from host.db.connection import Connection, Row
from host.desk import approvals
from host.desk.acts import Act, Counter
from host.errors import Refused
from host.ledger import corrections, late, purse, told
from host.ledger.books import Books, book
from host.ledger.terms import Purse
from host.terminals.doubt import open_sales
from host.terminals.doubt.open_sales import OpenSale
from host.terminals.doubt.settling import outcome, settled
from protocol.wire import messages

NEAR = 1000  # counters of a card between what the books hold and what two persons may book
_NUMBER = re.compile(r"(\S+) (\d{1,9})\.(\d{1,9})", re.ASCII)


def settle(counter: Counter, act: Act) -> dict[str, Any]:
    """{suspect, booked, transaction}"""
    number, yes = act.asked["suspect"], act.asked["yes"]
    with counter.database.read() as connection:
        row = _find(connection, number)
        done = _decided(connection, number)
    if done is not None:
        if done["act"] != act.id:
            raise Refused(409, "settled", f"Report {number} was settled before.")
        return _answer(done)
    kind, values = told.read(bytes(row["body"]))
    if yes and not told.is_debit(kind, values):
        raise Refused(409, "no-debit", f"Report {number} tells of no debit: it can only be closed.")
    amount_fen = values.get("amount_fen", 0)
    subject = f"report {number}: {'book' if yes else 'close'}"
    approvals.must(counter.database, act, "suspect", subject, amount_fen, act.reason)
    with book(counter.database) as books:
        done = _decided(books.connection, number)
        if done is None:
            transaction = _book(books, row, kind, values) if yes else None
            books.flush()
            books.connection.execute(
                "INSERT INTO suspect_decisions (suspect, booked, transaction_id, act, reason, who, at_s)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (number, int(yes), transaction, act.id, act.reason, act.who, clock.now_s()),
            )
            done = _decided(books.connection, number)
        assert done is not None
        return _answer(done)


def settle_sale(counter: Counter, act: Act) -> dict[str, Any]:
    """{sale, paid}: the card paid a sale that its kiosk left open, or it did not."""
    name, paid = act.asked["sale"], act.asked["yes"]
    with counter.database.read() as connection:
        sale = _open_sale(connection, name)
        told_paid = outcome(connection, sale.kiosk, sale.epoch, sale.counter)
    if told_paid is not None:
        if told_paid != int(paid):
            raise Refused(409, "settled", f"Sale {name} was settled the other way.")
        return {"sale": name, "paid": paid}
    if paid and sale.tmc == open_sales.UNKNOWN:
        raise Refused(409, "no-counter", f"Sale {name} names no counter of the card: it can only be closed.")
    subject = f"sale {name}: {'paid' if paid else 'not paid'}"
    approvals.must(counter.database, act, "suspect", subject, sale.amount_fen, act.reason)
    with book(counter.database) as books:
        connection = books.connection
        if outcome(connection, sale.kiosk, sale.epoch, sale.counter) is None:
            if paid:
                _book_sale(books, sale)
            number = sale.kiosk, sale.epoch, sale.counter
            settled(connection, *number, int(paid), proven=False, who=act.who)
        elif outcome(connection, sale.kiosk, sale.epoch, sale.counter) != int(paid):
            raise Refused(409, "settled", f"Sale {name} was settled the other way meanwhile.")
    return {"sale": name, "paid": paid}


def _open_sale(connection: Connection, name: str) -> OpenSale:
    found = _NUMBER.fullmatch(name)
    sale = found and open_sales.find(connection, found[1], int(found[2]), int(found[3]))
    if not sale:
        raise Refused(404, "unknown-sale", f"No kiosk left a sale {name} open: write it as in K1 1.7.")
    return sale


def _book_sale(books: Books, sale: OpenSale) -> None:
    """LedgerError when the books hold what the card did at this counter."""
    found = purse.open_(books, sale.uid, sale.issue, known=_is_ours(books.connection, sale.move))
    _must_be_near(found, sale.move)
    booked = purse.book_sale(books, "settlement", found, sale.move, sale.name, sale.happened_s)
    corrections.infer(books, booked)
    late.cover(books, found, sale.move.tmc)


def _book(books: Books, row: Row, kind: int, values: dict[str, Any]) -> int:
    """LedgerError when the books hold this counter of the card, or the card cannot have counted so."""
    move = told.move(values)
    found = purse.open_(books, move.uid, move.issue, known=_is_ours(books.connection, move))
    _must_be_near(found, move)
    name = "sale" if kind == messages.SALE else "settlement"
    booked = purse.book_sale(books, name, found, move, row["name"], values["happened_s"])
    late.cover(books, found, move.tmc)
    return booked


def _must_be_near(found: Purse, move: purse.CardMove) -> None:
    """Refused: a kiosk's invented counter would make every true one of this card a missing one."""
    if move.tmc > found.tmc + NEAR:
        raise Refused(
            409, "counter", f"Counter {move.tmc} is far beyond {found.tmc}: it is no report of this card."
        )


def _is_ours(connection: Connection, move: purse.CardMove) -> bool:
    sql = "SELECT 1 FROM cards WHERE uid = ? AND issue = ?"
    return connection.execute(sql, (move.uid, move.issue)).fetchone() is not None


def _find(connection: Connection, number: int) -> Row:
    row: Row | None = connection.execute(
        "SELECT s.body, k.name FROM suspects s JOIN kiosks k ON k.number = s.kiosk WHERE s.id = ?", (number,)
    ).fetchone()
    if row is None:
        raise Refused(404, "unknown-report", f"There is no report {number} that was kept apart.")
    return row


def _decided(connection: Connection, number: int) -> Row | None:
    row: Row | None = connection.execute(
        "SELECT suspect, booked, transaction_id, act FROM suspect_decisions WHERE suspect = ?", (number,)
    ).fetchone()
    return row


def _answer(row: Row) -> dict[str, Any]:
    return {
        "suspect": row["suspect"],
        "booked": bool(row["booked"]),
        "transaction": row["transaction_id"],
    }
