"""Orders of tills as the books know them: a look, open to the web too.

What was paid is what booked reports say that name the order, or two persons who booked one; the kiosk's own
word decides how an order ended for which nothing was taken. Where neither says enough by GRACE_S after the
deadline, nobody knows.

    waiting    the kiosk waits for a card, or was not heard yet
    card       a card is there
    paid       a report is booked                             refused    the card cannot pay, or did not
    cancelled  the kiosk says that it takes nothing for it    expired    the same, nobody came in time
    unknown    not decided yet: a commit without an answer, or a kiosk that is not heard
"""

from typing import Any, NamedTuple

from host import clock
from host.db.connection import Connection
from host.errors import Refused
from host.terminals.doubt import suspects
from host.terminals.doubt.settling import outcome
from protocol.wire import messages, online, till

GRACE_S = 15
NOTHING = -1  # an outcome: the kiosk has said nothing of it yet
WAITING, CARD, PAID, UNKNOWN = "waiting", "card", "paid", "unknown"
REFUSED, CANCELLED, EXPIRED = "refused", "cancelled", "expired"
OPEN = (WAITING, CARD)
SAID = {
    NOTHING: WAITING,
    till.WAITING: WAITING,
    till.CARD: CARD,
    till.ENDED: UNKNOWN,  # its report is on the way
    till.REFUSED: REFUSED,
    till.CANCELLED: CANCELLED,
    till.EXPIRED: EXPIRED,
}
TOOK = (messages.BOOKED, messages.FLAGGED, messages.HELD)


class Order(NamedTuple):
    """One order, and what its kiosk last said of it."""

    id: int
    kiosk: int
    name: str
    operator: str
    amount_fen: int
    reference: str
    lasts_s: int
    made_at_s: int
    outcome: int
    reason: str
    cancelled_by: str | None

    @property
    def deadline_s(self) -> int:
        """From then on nothing is taken for it."""
        return self.made_at_s + self.lasts_s


class Standing(NamedTuple):
    """number: of the report that tells, K1 1.7; transaction_id: of what was paid."""

    state: str
    reason: str = ""
    number: str | None = None
    transaction_id: int | None = None


_ORDER = (
    "SELECT o.id, o.kiosk, k.name, o.operator, o.amount_fen, o.reference, o.lasts_s, o.made_at_s, w.outcome,"
    " w.reason, c.operator AS cancelled_by FROM till_orders o JOIN kiosks k ON k.number = o.kiosk"
    " JOIN till_words w ON w.order_id = o.id LEFT JOIN till_cancels c ON c.order_id = o.id WHERE "
)


def find(connection: Connection, kiosk: str, number: int) -> Order:
    """The kiosk's order of this number; Refused 404."""
    row = connection.execute(f"{_ORDER} o.id = ? AND k.name = ?", (number, kiosk)).fetchone()
    if row is None:
        raise Refused(404, "unknown-charge", f"Kiosk {kiosk[:40]} has no charge {number}.")
    return Order(*row)


def by_key(connection: Connection, operator: str, key: str) -> Order | None:
    """What this operator asked for under this key."""
    row = connection.execute(f"{_ORDER} o.operator = ? AND o.key = ?", (operator, key)).fetchone()
    return None if row is None else Order(*row)


def open_of(connection: Connection, kiosk_no: int) -> list[Order]:
    """A kiosk's orders of which it has not said yet how they ended, the oldest first."""
    rows = connection.execute(f"{_ORDER} w.kiosk = ? AND w.outcome < 2 ORDER BY o.id", (kiosk_no,))
    return [Order(*row) for row in rows.fetchall()]


def newest(connection: Connection, kiosk: str, limit: int) -> list[Order]:
    """A kiosk's orders, the latest first."""
    rows = connection.execute(f"{_ORDER} k.name = ? ORDER BY o.id DESC LIMIT ?", (kiosk, limit))
    return [Order(*row) for row in rows.fetchall()]


def standing(connection: Connection, order: Order) -> Standing:
    """Where it stands now."""
    rows = connection.execute(
        "SELECT kind, epoch, counter, code, transaction_id FROM till_reports WHERE order_id = ?"
        " ORDER BY epoch, counter",
        (order.id,),
    ).fetchall()
    told = [_of_report(connection, order, *row) for row in rows if row["kind"] != online.REVERSAL]
    for state in (PAID, UNKNOWN, REFUSED):
        for one in told:
            if one.state == state:
                return one
    state = SAID[order.outcome]
    if state in OPEN and clock.now_s() > order.deadline_s + GRACE_S:
        return Standing(UNKNOWN, "silent")
    return Standing(state, order.reason)


def _of_report(
    connection: Connection, order: Order, kind: int, epoch: int, counter: int, code: int, paid: int | None
) -> Standing:
    number = f"{order.name} {epoch}.{counter}"
    if kind == messages.UNSETTLED:
        settled = outcome(connection, order.kiosk, epoch, counter)
        state = {None: UNKNOWN, 0: REFUSED, 1: PAID}[settled]
        return Standing(state, {None: "again", 0: "unpaid", 1: ""}[settled], number)
    if code == messages.BAD_TMV:
        paid = suspects.booked(connection, order.kiosk, epoch, counter)
        return Standing(REFUSED, "forged", number) if paid is None else Standing(PAID, "", number, paid)
    if code not in TOOK or paid is None:
        return Standing(UNKNOWN, "odd", number)
    return Standing(PAID, "", number, paid)


def to_json(connection: Connection, order: Order) -> dict[str, Any]:
    """{id, kiosk, amount_fen, reference, state, reason, ...}"""
    stands = standing(connection, order)
    return {
        "id": order.id,
        "kiosk": order.name,
        "amount_fen": order.amount_fen,
        "reference": order.reference,
        "state": stands.state,
        "reason": stands.reason,
        "sale": stands.number,
        "transaction": stands.transaction_id,
        "operator": order.operator,
        "cancel_asked_by": order.cancelled_by,
        "made_at": order.made_at_s,
        "deadline": order.deadline_s,
    }
