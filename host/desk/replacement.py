"""Another card takes over what a lost or damaged one held.

The old card goes on the hotlist. Its value is released when no kiosk can take it any more and all have
reported what they did before; or at once, when a second person accepts that those named may still take it:
what they sell for it is then the house's loss.
"""

from typing import Any

from host.cards import registry
from host.cards.loads import Loads
from host.cards.registry import Card
from host.db.connection import Connection
from host.desk import approvals, looking, loss
from host.desk.acts import Act, Counter
from host.errors import Refused
from host.ledger import accounts, loads, waiting
from host.ledger.books import Books, book
from host.ledger.chart import card_owner
from host.terminals.fleet import exposure


def replace(counter: Counter, act: Act) -> dict[str, Any]:
    """The new card, by uid or on the reader: issued, active, another one. What the old card held waits for
    it, and is put on it when it lies on the reader."""
    reader, new_uid = act.asked.get("reader"), act.asked.get("new_uid")
    if reader is None:
        if new_uid is None:
            raise Refused(400, "field", "Name the new card by new_uid, or the reader where it lies.")
        with counter.database.read() as connection:
            new = looking.named(connection, new_uid)
        return _replace(counter, act, new)
    with counter.reader(reader) as there:
        with counter.database.read() as connection:
            new = registry.known(connection, there.uid)
            if new_uid is not None and looking.named(connection, new_uid).uid != new.uid:
                raise Refused(409, "other-card", f"Card {new.uid_hex} lies on the reader, not {new_uid}.")
        _replace(counter, act, new)
        Loads(counter.database, counter.keeper, there, act.who).collect(new, moves=True)
    with counter.database.read() as connection:
        return looking.card(connection, registry.known(connection, new.uid))


def _replace(counter: Counter, act: Act, new: Card) -> dict[str, Any]:
    with counter.database.write() as connection:
        old = looking.named(connection, act.asked["uid"])
        if not is_done(connection, old, act):
            _must_fit(old, new)
            loss.report(connection, old, act.who, act.reason)
    counter.push()
    exposed = accepted(counter, act, old)
    with book(counter.database) as books:
        old = registry.known(books.connection, old.uid)
        if not is_done(books.connection, old, act):
            _move(books, act, old, new, exposed)
    counter.push()
    with counter.database.read() as connection:
        return looking.card(connection, registry.known(connection, new.uid))


def _move(books: Books, act: Act, old: Card, new: Card, exposed: tuple[str, ...]) -> None:
    owner = card_owner(new.uid, new.issue)
    moved = waiting.release(
        books, old.uid, old.issue, (owner, "waiting"), act.who, to_bonus=(owner, "waiting-bonus")
    )
    books.flush()
    registry.become(books.connection, old, "replaced", act.who)
    loss.end(books.connection, old, act, "replaced", moved.total_fen, new, exposed)


def _must_fit(old: Card, new: Card) -> None:
    if old.state not in ("active", "lost"):
        raise Refused(409, "card-state", f"Card {old.uid_hex} is {old.state}: it is not replaced.")
    if new.state != "active" or new.uid == old.uid or new.kind != registry.PURSE or old.kind != new.kind:
        raise Refused(
            409,
            "card-state",
            f"Card {new.uid_hex} cannot take over: issue another purse card first.",
        )


def is_done(connection: Connection, old: Card, act: Act) -> bool:
    """By this act: a host that was killed before it answered."""
    row = connection.execute(
        "SELECT act FROM card_ends WHERE uid = ? AND issue = ?", (old.uid, old.issue)
    ).fetchone()
    return row is not None and row["act"] == act.id


def accepted(counter: Counter, act: Act, old: Card, owed_fen: int = 0) -> tuple[str, ...]:
    """Kiosks that may still take the old card, which a second person has accepted; Refused while not.
    owed_fen: what else is paid for it, which he is told too."""
    with counter.database.read() as connection:
        if is_done(connection, old, act):
            return ()
        exposed = tuple(waits.kiosk for waits in exposure.released(connection, old))
        held_fen = (accounts.card_balance(connection, old.uid, old.issue) or 0) + sum(
            max(move.change_fen, 0) for _, move in loads.pending_loads(connection, old.uid, old.issue)
        )
    if not exposed or held_fen <= 0:
        return ()
    names = ", ".join(exposed)
    if not act.asked.get("accept_exposure"):
        raise Refused(
            409,
            "exposure",
            f"Card {old.uid_hex} is on the hotlist, but {names} may still take it, or have not reported yet: "
            "wait until they have, or ask with accept_exposure, which a second person has to approve.",
        )
    reason = f"{act.reason}; may still be used at {names}"
    approvals.must(counter.database, act, "exposure", old.uid_hex, max(held_fen, owed_fen), reason)
    return exposed
