"""As somebody with the database in his hands: books with a bit of everything, and edits past every guard."""

from typing import Any

from host.ledger import chain, lots
from host.ledger.books import book
from host.ledger.terms import Why
from simulator.card import DesfireCard
from tests.host.rig import NOW_S, KioskSide, Shop

Step = str | tuple[Any, ...]  # SQL, or SQL and its parameters


def busy(shop: Shop) -> tuple[KioskSide, DesfireCard]:
    """Transactions 1 and 2 load a card with 10000, 3 and 4 are sales of 2500 and 1000, 5 and 6 points.

    Their transfers are 1 to 5, transaction 1 being only planned. The card's account is 1.
    """
    kiosk, card = shop.connected(), shop.card(10_000)
    shop.tell(kiosk, shop.sale(kiosk, card, 2500))
    shop.tell(kiosk, shop.sale(kiosk, card, 1000))
    with book(shop.opened.database) as books:
        points = books.open_("member:1", "points", "points")
        lots.earn(books, Why("points", "earned", "operator:desk", NOW_S), points, 100, None)
        lots.spend(books, Why("points", "spent", "operator:desk", NOW_S), points, 30)
    assert shop.query("SELECT id, kind, state FROM transactions ORDER BY id") == [
        (1, "load", "pending"),
        (2, "load", "posted"),
        (3, "sale", "posted"),
        (4, "sale", "posted"),
        (5, "points", "posted"),
        (6, "points", "posted"),
    ]
    return kiosk, card


def tamper(shop: Shop, *steps: Step) -> None:
    """Triggers, foreign keys and checks are off; a unique index stands until a step drops it."""
    own = shop.opened.database._connection()
    if own.dialect == "sqlite":
        own.execute("PRAGMA foreign_keys=OFF")
        own.execute("PRAGMA ignore_check_constraints=ON")
        for (name,) in shop.query("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            own.execute(f"DROP TRIGGER {name}")
    else:
        rules = (
            "SELECT conrelid::regclass::text, conname FROM pg_constraint"
            " WHERE contype IN ('c', 'f') AND connamespace = current_schema()::regnamespace"
        )
        for table, name in shop.query(rules):
            own.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for (table,) in shop.query("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"):
            own.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for step in steps:
        sql, *parameters = (step,) if isinstance(step, str) else step
        own.execute(sql, parameters)


def chain_anew(shop: Shop, first: int) -> None:
    """Every link from this transaction on made as the program makes them."""
    own = shop.opened.database._connection()
    link = chain.origin(0)
    if first > 1:
        link = bytes(own.tuples("SELECT link FROM transactions WHERE id = ?", (first - 1,))[0][0])
    for row in own.tuples(f"SELECT {chain.COLUMNS} FROM transactions WHERE id >= ? ORDER BY id", (first,)):
        sql = f"SELECT {chain.TRANSFER_COLUMNS} FROM transfers WHERE transaction_id = ? ORDER BY id"
        moved = "".join(chain.transfer(transfer) for transfer in own.tuples(sql, (row[0],)))
        plans = "SELECT debit_id, credit_id, amount FROM plans WHERE transaction_id = ? ORDER BY place"
        moved += "".join(chain.planned(*plan) for plan in own.tuples(plans, (row[0],)))
        link = chain.link(link, chain.line(row, moved))
        own.execute("UPDATE transactions SET link = ? WHERE id = ?", (link, row[0]))
    own.execute("UPDATE chains SET link = ?", (link,))
