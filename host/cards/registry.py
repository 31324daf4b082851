"""Cards and their life, each step of it a row with who and when; life.py says where a state may lead."""

from dataclasses import dataclass
from typing import Any

from host import clock
from host.cards import life, numbers, revision
from host.cards.terms import RegistryError as RegistryError
from host.db.connection import Connection, Row
from host.errors import Refused
from host.ledger import accounts, loads, purse

PURSE, ACCOUNT, PLAIN = "purse", "account", "plain"
FLAGS_MAX = 100  # rows of one flag of one card


@dataclass(frozen=True)
class Card:
    """One life of one card."""

    uid: bytes
    issue: int
    number: str
    key_version: int
    state: str
    kind: str = PURSE
    first_key_version: int | None = None  # where a newer one came later

    @property
    def life_key_version(self) -> int:
        """The generation of the keys it keeps for its life, the Transaction MAC's; key_version is that of the
        others."""
        return self.first_key_version or self.key_version

    @property
    def uid_hex(self) -> str:
        """The UID as people see it."""
        return self.uid.hex().upper()


_SELECT = (
    "SELECT c.uid, c.issue, c.number, c.key_version AS first_key_version, coalesce((SELECT m.version FROM"
    " card_key_moves m WHERE m.uid = c.uid AND m.issue = c.issue AND m.confirmed = 1 ORDER BY m.id DESC"
    " LIMIT 1), c.key_version) AS key_version, c.kind, (SELECT s.state FROM card_states s"
    " WHERE s.uid = c.uid AND s.issue = c.issue ORDER BY s.id DESC LIMIT 1) AS state FROM cards c "
)


def find(connection: Connection, uid: bytes, issue: int) -> Card | None:
    """A card in one of its lives."""
    row = connection.execute(_SELECT + "WHERE c.uid = ? AND c.issue = ?", (uid, issue)).fetchone()
    return None if row is None else Card(**row)


def newest(connection: Connection, uid: bytes) -> Card | None:
    """A card in its present life."""
    row = connection.execute(_SELECT + "WHERE c.uid = ? ORDER BY c.issue DESC LIMIT 1", (uid,)).fetchone()
    return None if row is None else Card(**row)


def known(connection: Connection, uid: bytes) -> Card:
    """The same; Refused for a card that is not in the books."""
    card = newest(connection, uid)
    if card is None:
        raise Refused(404, "unknown-card", f"There is no card {uid.hex().upper()} in the books.")
    return card


def numbered(connection: Connection, number: str) -> Card | None:
    """A card in the life that has this number."""
    row = connection.execute(_SELECT + "WHERE c.number = ?", (number,)).fetchone()
    return None if row is None else Card(**row)


def history(connection: Connection, uid: bytes) -> list[dict[str, Any]]:
    """[{issue, state, who, at}] of all lives of a card, the oldest first."""
    rows = connection.execute(
        "SELECT issue, state, who, at_s AS at FROM card_states WHERE uid = ? ORDER BY id", (uid,)
    )
    return [dict(row) for row in rows]


def present(connection: Connection) -> list[Card]:
    """Every card in its present life, by number."""
    rows = connection.execute(
        _SELECT + "WHERE c.issue = (SELECT max(o.issue) FROM cards o WHERE o.uid = c.uid) ORDER BY c.number"
    )
    return [Card(**row) for row in rows]


def begin(
    connection: Connection,
    uid: bytes,
    key_version: int,
    who: str,
    kind: str = PURSE,
    number: str | None = None,
    region: str | None = None,
) -> Card:
    """A new life, pending: written before the card is touched. number: of an old card, None: the next one, of
    this region where the scheme has regions (None: the usual one).

    RegistryError when its last life does not allow it or is still owed money, or for another card's number.
    """
    former = newest(connection, uid)
    if former is not None and not life.may_begin_again(former.state):
        raise RegistryError(
            "card-state", f"Card {former.uid_hex} is {former.state}; it cannot be issued anew."
        )
    if former is not None and accounts.owed_fen(connection, uid, former.issue):
        raise RegistryError("card-owes", f"Card {former.uid_hex} is still owed money: refund it first.")
    # above any life that the books know: of a restored database, a kiosk may have told of one that it does
    # not
    told = connection.execute(
        "SELECT coalesce(max(issue), 0) AS n FROM purses WHERE uid = ?", (uid,)
    ).fetchone()
    issue = max(0 if former is None else former.issue, told["n"]) + 1
    if number is None:
        number = numbers.following(connection, region)
    elif numbers.is_taken(connection, number):
        raise RegistryError("card-number", f"The number {number} is another card's.")
    connection.execute(
        "INSERT INTO cards (uid, issue, number, key_version, kind, made_at_s) VALUES (?, ?, ?, ?, ?, ?)",
        (uid, issue, number, key_version, kind, clock.now_s()),
    )
    _step(connection, uid, issue, "pending", who)
    return Card(uid, issue, number, key_version, "pending", kind)


def become(connection: Connection, card: Card, state: str, who: str) -> None:
    """The card's next state; RegistryError when its life does not lead there."""
    current = find(connection, card.uid, card.issue)
    if current is None or not life.may(current.state, state):
        now = "unknown" if current is None else current.state
        raise RegistryError("card-state", f"Card {card.uid_hex} is {now}; it cannot become {state}.")
    _step(connection, card.uid, card.issue, state, who)


def _step(connection: Connection, uid: bytes, issue: int, state: str, who: str) -> None:
    connection.execute(
        "INSERT INTO card_states (uid, issue, state, who, at_s) VALUES (?, ?, ?, ?, ?)",
        (uid, issue, state, who, clock.now_s()),
    )
    revision.raise_(connection)


def flag(connection: Connection, uid: bytes, issue: int, name: str, detail: str) -> None:
    """Mark something about a card for a person; the row stays. What was marked FLAGS_MAX times is known."""
    sql = "SELECT count(*) FROM card_flags WHERE uid = ? AND issue = ? AND flag = ?"
    (count,) = connection.execute(sql, (uid, issue, name)).fetchone()
    if count >= FLAGS_MAX:
        return
    connection.execute(
        "INSERT INTO card_flags (uid, issue, flag, detail, at_s) VALUES (?, ?, ?, ?, ?)",
        (uid, issue, name, detail, clock.now_s()),
    )


def flags(connection: Connection, uid: bytes, issue: int) -> list[str]:
    """Names of what is marked; "gap" and "pending load" only as long as they are open."""
    rows = connection.execute(
        "SELECT DISTINCT flag FROM card_flags WHERE uid = ? AND issue = ? ORDER BY flag", (uid, issue)
    )
    found = [row["flag"] for row in rows]
    if purse.has_gap(connection, uid, issue):
        found.append("gap")
    if loads.pending_loads(connection, uid, issue):
        found.append("pending load")
    return found


def flags_of_unknown(connection: Connection, limit: int) -> list[Row]:
    """Flags of cards that the registry does not know, so no page of their own shows them; newest first."""
    return connection.execute(
        "SELECT f.uid, f.issue, f.flag, f.detail, f.at_s FROM card_flags f WHERE NOT EXISTS"
        " (SELECT 1 FROM cards c WHERE c.uid = f.uid AND c.issue = f.issue) ORDER BY f.id DESC LIMIT ?",
        (limit,),
    ).fetchall()


def to_json(connection: Connection, card: Card) -> dict[str, Any]:
    """{uid, number, issue, kind, weak, state, balance_fen, flags}; weak: whoever reads it can copy it."""
    return {
        "uid": card.uid_hex,
        "number": card.number,
        "issue": card.issue,
        "kind": card.kind,
        "weak": card.kind == PLAIN,
        "state": card.state,
        "balance_fen": accounts.card_balance(connection, card.uid, card.issue) or 0,
        "flags": flags(connection, card.uid, card.issue),
    }
