"""Cards that hold no money themselves, made a customer's: account cards and plain ones.

Asked again by the same operator for a card that he just made and that is empty, it is the same card.
"""

from host.cards import account, plain, registry
from host.cards.registry import Card
from host.db.connection import Connection
from host.desk.acts import Act, Counter
from host.ledger import accounts
from host.ledger.books import book


def card(counter: Counter, act: Act, kind: str) -> Card:
    """The card on the reader, made one of this kind."""
    return _plain(counter, act) if kind == registry.PLAIN else _account(counter, act)


def _account(counter: Counter, act: Act) -> Card:
    with counter.database.read() as connection:
        base = account.url_base(connection)
    with counter.reader(act.asked["reader"]) as there:
        with counter.database.read() as connection:
            made = _made(connection, there.uid, act, registry.ACCOUNT)
        if made is not None:
            return made
        account.issue(counter.database, counter.keeper, there, act.who, base)
        with counter.database.read() as connection:
            return registry.known(connection, there.uid)


def _plain(counter: Counter, act: Act) -> Card:
    uid = counter.look(act.asked["reader"])
    with book(counter.database) as books:
        return _made(books.connection, uid, act, registry.PLAIN) or plain.register(books, uid, act.who)


def _made(connection: Connection, uid: bytes, act: Act, kind: str) -> Card | None:
    found = registry.newest(connection, uid)
    if found is None or found.kind != kind or found.state != "active":
        return None
    began = connection.execute("SELECT began_at_s FROM desk_acts WHERE id = ?", (act.id,)).fetchone()
    made = registry.history(connection, uid)[-1]
    ours = made["who"] == act.who and made["at"] >= began["began_at_s"]
    return found if ours and not accounts.card_balance(connection, uid, found.issue) else None
