"""A card as a clerk looks it up: what it holds, what waits, what was done to it, by whom and when."""

from typing import Any

from host.cards import hotlist, last_sale, movements, naming, notes, pass_sales, registry
from host.cards.registry import Card
from host.cards.terms import RegistryError
from host.db.connection import Connection
from host.desk.acts import Act, Counter
from host.errors import Refused
from host.ledger import loads, waiting
from host.terminals.fleet import exposure


def look(counter: Counter, act: Act) -> dict[str, Any]:
    """The card on a reader; {uid, known: false} for one that is not ours."""
    found = counter.look(act.asked["reader"])
    with counter.database.read() as connection:
        known = registry.newest(connection, found)
        if known is None:
            return {"uid": found.hex().upper(), "known": False, "hot": hotlist.holds(connection, found)}
        return card(connection, known) | {"known": True}


def named(connection: Connection, text: str) -> Card:
    """A card by its number or UID; Refused 404."""
    try:
        return naming.named(connection, text)
    except RegistryError as error:
        raise Refused(404, error.code, str(error)) from None


def uid(connection: Connection, text: str) -> bytes:
    """A UID, of a card of ours or of nobody's; Refused."""
    try:
        return naming.named(connection, text).uid
    except RegistryError as error:
        if error.code != "unknown-card":
            raise
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if not 4 <= len(found) <= 10:
        raise Refused(404, "unknown-card", f"There is no card “{text[:40]}” in the books, nor is it a UID.")
    return found


def card(connection: Connection, found: Card) -> dict[str, Any]:
    """registry.to_json() and {hot, waits_fen, pending: [{transaction, amount_fen, since}], last_sale:
    {transaction, amount_fen} | None, exposed: [{kiosk, why}] of a lost card, states, movements, passes, tier,
    birthday, points, end}."""
    sale = last_sale.last_sale(connection, found) if found.kind == registry.PURSE else None
    exposed = exposure.released(connection, found) if found.state == "lost" else []
    return {
        **registry.to_json(connection, found),
        "hot": hotlist.holds(connection, found.uid),
        "waits_fen": waiting.of(connection, found.uid, found.issue).total_fen,
        "pending": [
            {"transaction": number, "amount_fen": move.change_fen, "since": _began_s(connection, number)}
            for number, move in loads.pending_loads(connection, found.uid, found.issue)
        ],
        "last_sale": None if sale is None else {"transaction": sale[0], "amount_fen": sale[1]},
        "exposed": [waits._asdict() for waits in exposed],
        "states": registry.history(connection, found.uid),
        "movements": movements.newest(connection, found),
        "passes": pass_sales.to_json(connection, found),
        **notes.to_json(connection, found),
        "end": _end(connection, found),
    }


def _began_s(connection: Connection, transaction: int) -> int:
    row = connection.execute("SELECT booked_s FROM transactions WHERE id = ?", (transaction,)).fetchone()
    return int(row["booked_s"])


def _end(connection: Connection, found: Card) -> dict[str, Any] | None:
    row = connection.execute(
        "SELECT * FROM card_ends WHERE uid = ? AND issue = ?", (found.uid, found.issue)
    ).fetchone()
    if row is None:
        return None
    new = None if row["new_uid"] is None else bytes(row["new_uid"]).hex().upper()
    told = {name: row[name] for name in ("what", "released_fen", "reason", "who")}
    return {**told, "new_uid": new, "exposure": row["exposure"].split(",") if row["exposure"] else []}
