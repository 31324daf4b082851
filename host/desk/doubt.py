"""Reports that were kept apart because nothing proves them: two persons book one, or close it unbooked."""

from typing import Any

from host import clock
from host.db.connection import Connection, Row
from host.desk import approvals
from host.desk.acts import Act, Counter
from host.errors import Refused
from host.ledger import purse, told
from host.ledger.books import Books, book
from protocol.wire import messages


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


def _book(books: Books, row: Row, kind: int, values: dict[str, Any]) -> int:
    """LedgerError when the books hold this counter of the card, or the card cannot have counted so."""
    move = told.move(values)
    found = purse.open_(books, move.uid, move.issue, known=_is_ours(books.connection, move))
    if move.tmc > found.tmc + 1000:
        raise Refused(
            409, "counter", f"Counter {move.tmc} is far beyond {found.tmc}: it is no report of this card."
        )
    name = "sale" if kind == messages.SALE else "settlement"
    return purse.book_sale(books, name, found, move, row["name"], values["happened_s"])


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
