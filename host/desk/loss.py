"""Cards that no kiosk shall take: reported lost, on the hotlist, off it again, ended."""

from typing import Any

from host import clock
from host.cards import hotlist, naming, registry
from host.cards.registry import Card
from host.db.connection import Connection
from host.desk import looking
from host.desk.acts import Act, Counter


def lost(counter: Counter, act: Act) -> dict[str, Any]:
    """Lost from now on, and on the hotlist; reported twice, done once."""
    with counter.database.write() as connection:
        card = naming.named(connection, act.asked["uid"])
        report(connection, card, act.who, act.reason)
        answer = looking.card(connection, registry.known(connection, card.uid))
    counter.push()
    return answer


def report(connection: Connection, card: Card, who: str, reason: str) -> None:
    """RegistryError for a card whose life has ended otherwise."""
    if card.state != "lost":
        registry.become(connection, card, "lost", who)
    hotlist.add(connection, card.uid, reason or "reported lost", who)


def hot(counter: Counter, act: Act) -> dict[str, Any]:
    """On the hotlist, whatever its state; also a UID that is no card of ours."""
    return _list(counter, act, hotlist.add)


def unlist(counter: Counter, act: Act) -> dict[str, Any]:
    """Off the hotlist by a row of its own. A lost card stays lost: no kiosk's sale of it is in order."""
    return _list(counter, act, hotlist.remove)


def _list(counter: Counter, act: Act, change: Any) -> dict[str, Any]:
    with counter.database.write() as connection:
        uid = looking.uid(connection, act.asked["uid"])
        changed = change(connection, uid, act.reason, act.who)
        answer = {"uid": uid.hex().upper(), "hot": hotlist.holds(connection, uid), "changed": changed}
    counter.push()
    return answer


def void(counter: Counter, act: Act) -> dict[str, Any]:
    """Ended, and on the hotlist. What it still holds stays owed: refund pays it out."""
    with counter.database.write() as connection:
        card = naming.named(connection, act.asked["uid"])
        if card.state != "void":
            registry.become(connection, card, "void", act.who)
        hotlist.add(connection, card.uid, act.reason, act.who)
        answer = looking.card(connection, registry.known(connection, card.uid))
    counter.push()
    return answer


def end(
    connection: Connection,
    card: Card,
    act: Act,
    what: str,
    released_fen: int = 0,
    new: Card | None = None,
    exposure: tuple[str, ...] = (),
) -> None:
    """The row that says how a card's life ended. what: replaced or refunded."""
    connection.execute(
        "INSERT INTO card_ends (uid, issue, what, act, new_uid, new_issue, released_fen, exposure, reason,"
        " who, at_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(card.uid, card.issue, what, act.id, new and new.uid, new and new.issue, released_fen),
            *(",".join(exposure), act.reason, act.who, clock.now_s()),
        ),
    )
