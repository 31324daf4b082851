"""Orders of tills: asked for, told to the kiosk, and what comes back of them.

An order is sent to its kiosk until the kiosk has spoken of it in its present session, and again at each hello
until it has said how it ended. The kiosk decides: a cancel that crosses a tap comes too late, and it says so.
"""

from host import alarms, clock
from host.db.connection import Connection
from host.errors import Refused
from host.terminals.fleet import kiosks, locked
from host.terminals.fleet.kiosks import Kiosk
from host.terminals.reported.report import Report
from host.terminals.reported.work import Answer, Work
from host.terminals.sales import till_orders
from host.terminals.sales.till_orders import NOTHING, OPEN, Order
from protocol.wire import messages, online, till


def create(
    connection: Connection, kiosk: Kiosk, who: str, key: str, amount_fen: int, reference: str, lasts_s: int
) -> Order:
    """The order; the same key with the same content gives the same one. Refused 409."""
    locked.kiosks(connection, [kiosk.number])
    known = till_orders.by_key(connection, who, key)
    if known is not None:
        same = (known.kiosk, known.amount_fen, known.reference, known.lasts_s)
        if same != (kiosk.number, amount_fen, reference, lasts_s):
            raise Refused(409, "key-used", "This key stands for another charge already: take a new one.")
        return known
    for other in till_orders.open_of(connection, kiosk.number):
        if till_orders.standing(connection, other).state in OPEN:
            sentence = f"{kiosk.name} still serves charge {other.id}: wait for its end, or cancel it."
            raise Refused(409, "charge-open", sentence)
    now_s = clock.now_s()
    made = connection.execute(
        "INSERT INTO till_orders (kiosk, operator, key, amount_fen, reference, lasts_s, made_at_s)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (kiosk.number, who, key, amount_fen, reference, lasts_s, now_s),
    ).fetchone()
    connection.execute(
        "INSERT INTO till_words (order_id, kiosk, outcome, reason, nonce, at_s) VALUES (?, ?, ?, '', ?, ?)",
        (made["id"], kiosk.number, NOTHING, None, now_s),
    )
    return till_orders.find(connection, kiosk.name, made["id"])


def cancel(connection: Connection, order: Order, who: str) -> None:
    """Ask its kiosk to end it; again, or too late, changes nothing."""
    connection.execute(
        "INSERT INTO till_cancels (order_id, operator, at_s) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (order.id, who, clock.now_s()),
    )
    connection.execute(
        "UPDATE till_words SET nonce = NULL WHERE order_id = ? AND outcome < ?", (order.id, till.ENDED)
    )


def due(connection: Connection, kiosk_no: int, nonce: bytes) -> list[Order]:
    """Orders that wait, and of which the kiosk has not spoken in this session."""
    heard = connection.execute(
        "SELECT order_id FROM till_words WHERE kiosk = ? AND outcome < 2 AND nonce = ?", (kiosk_no, nonce)
    ).fetchall()
    known = {row["order_id"] for row in heard}
    return [order for order in till_orders.open_of(connection, kiosk_no) if order.id not in known]


def charged(connection: Connection, kiosk: Kiosk, said: dict[str, object]) -> None:
    """What a kiosk says of an order, in its present session. What is final stays."""
    if kiosks.session_row(connection, kiosk.number)["nonce"] != said["nonce"]:
        return  # it is asked again at its hello
    connection.execute(
        "UPDATE till_words SET outcome = ?, reason = ?, nonce = ?, at_s = ?"
        " WHERE order_id = ? AND kiosk = ? AND outcome < ?",
        (
            *(said["outcome"], said["reason"], said["nonce"], clock.now_s()),
            *(said["order"], kiosk.number, till.ENDED),
        ),
    )


def noted(work: Work, report: Report, answer: Answer) -> None:
    """A report names an order: what the books made of it is the order's own."""
    values, connection, kiosk = report.values, work.connection, report.kiosk
    row = connection.execute(
        "SELECT o.amount_fen, w.outcome FROM till_orders o JOIN till_words w ON w.order_id = o.id"
        " WHERE o.id = ? AND o.kiosk = ? AND NOT EXISTS (SELECT 1 FROM entries e"  # a visit is no money
        " WHERE e.kiosk = o.kiosk AND e.epoch = ? AND e.counter = ?)",
        (values["order"], kiosk.number, report.epoch, report.counter),
    ).fetchone()
    if row is None or row["amount_fen"] != values["amount_fen"]:
        sentence = f"{report.name} says it was for charge {values['order']}, which asked for something else."
        alarms.raise_once(connection, "charge-odd", kiosk.name, sentence)
        return
    # without a transaction nothing was taken: else a kiosk could raise an alarm with every report
    paid = report.kind in (messages.SALE, online.TAKEN) and answer.transaction_id is not None
    if paid and _is_paid(connection, values["order"]):
        sentence = f"{report.name} was taken for charge {values['order']}, which was paid before."
        alarms.raise_once(connection, "charge-twice", report.name, sentence)
    elif paid and row["outcome"] > till.ENDED:
        sentence = (
            f"{report.name} was taken for charge {values['order']}, which {kiosk.name} had ended unpaid."
        )
        alarms.raise_once(connection, "charge-late", report.name, sentence)
    work.flush()
    connection.insert(
        "till_reports",
        "kiosk, epoch, counter, order_id, kind, code, transaction_id",
        [
            (
                *(kiosk.number, report.epoch, report.counter, values["order"], report.kind),
                *(answer.code, answer.transaction_id),
            )
        ],
    )
    if report.kind != online.REVERSAL:  # of one try: another card may still pay
        connection.execute(
            "UPDATE till_words SET outcome = ? WHERE order_id = ? AND outcome < ?",
            (till.ENDED, values["order"], till.ENDED),
        )


def _is_paid(connection: Connection, order: int) -> bool:
    found = connection.execute(
        "SELECT 1 FROM till_reports WHERE order_id = ? AND transaction_id IS NOT NULL AND kind <> ?",
        (order, online.REVERSAL),
    ).fetchone()
    return found is not None
