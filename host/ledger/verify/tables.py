"""Promises that one query each can hold against the tables: each names the rows that do not keep it."""

from host.db.connection import Connection
from host.ledger import chain
from host.ledger.verify import promises
from host.ledger.verify.promises import Faults

# A promise may stand in more than one row. `{name}` in a sentence is a column of its query.
RULES = (
    (  # the schema's index says so too, while nobody took it away; of a card's counters the walk says so
        promises.ONCE,
        "SELECT kind, reference, min(id) AS first, max(id) AS last FROM transactions"
        " WHERE reference IS NOT NULL GROUP BY kind, reference HAVING count(*) > 1",
        "{kind} {reference} is booked as transactions {first} and {last}",
    ),
    (
        promises.LOTS,
        "SELECT l.transfer_id AS id, l.amount, l.remaining, coalesce(u.used, 0) AS used FROM lots l"
        " LEFT JOIN (SELECT lot_id, CAST(sum(amount) AS BIGINT) AS used FROM lot_uses GROUP BY lot_id) u"
        " ON u.lot_id = l.transfer_id WHERE l.amount - coalesce(u.used, 0) <> l.remaining OR l.remaining < 0",
        "lot {id} of {amount} says {remaining} remain, {used} were used",
    ),
    (
        promises.LOTS,
        "SELECT a.id, a.owner, a.balance, l.left_over FROM accounts a JOIN (SELECT account_id,"
        " CAST(sum(remaining) AS BIGINT) AS left_over FROM lots GROUP BY account_id) l ON l.account_id = a.id"
        " WHERE a.balance <> l.left_over",
        "account {id} of {owner} holds {balance}, its lots {left_over}",
    ),
    (
        promises.LOTS,
        "SELECT l.transfer_id AS id, l.amount, l.account_id FROM lots l"
        " LEFT JOIN transfers e ON e.id = l.transfer_id"
        " WHERE e.credit_id IS DISTINCT FROM l.account_id OR e.amount IS DISTINCT FROM l.amount",
        "lot {id} of {amount} is not what transfer {id} gave account {account_id}",
    ),
    (
        promises.LOTS,
        "SELECT u.transfer_id AS id, u.used, e.amount FROM (SELECT u.transfer_id, l.account_id,"
        " CAST(sum(u.amount) AS BIGINT) AS used FROM lot_uses u JOIN lots l ON l.transfer_id = u.lot_id"
        " GROUP BY u.transfer_id, l.account_id) u LEFT JOIN transfers e ON e.id = u.transfer_id"
        " WHERE e.amount IS DISTINCT FROM u.used OR e.debit_id IS DISTINCT FROM u.account_id",
        "transfer {id} of {amount} used {used} of lots",
    ),
)


def check(connection: Connection) -> Faults:
    """All rules, and rows whose number no partition gave."""
    faults = Faults()
    for promise, query, sentence in RULES:
        for row in connection.execute(query):
            faults.add(promise, sentence.format(**{name: row[name] for name in row.keys()}))  # noqa: SIM118
    _beyond(connection, faults)
    return faults


def _beyond(connection: Connection, faults: Faults) -> None:
    chains = connection.tuples("SELECT writer, last_transaction, last_transfer FROM chains ORDER BY writer")
    for table, at in (("transactions", 1), ("transfers", 2)):
        ends = [(chain.first_number(row[0]), row[at]) for row in chains]
        lows = [-(2**62), *(last for _, last in ends)]
        highs = [*(first for first, _ in ends), 2**62]
        for low, high in zip(lows, highs, strict=True):
            sql = f"SELECT id FROM {table} WHERE id > ? AND id <= ? ORDER BY id LIMIT 20"
            for (number,) in connection.tuples(sql, (low, high)):
                faults.add(promises.CHAIN, f"{table[:-1]} {number} is beyond the end of its partition")


_COLUMNS = (
    "(SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(c.{keys}) WITH ORDINALITY k(at, place)"
    " JOIN pg_attribute a ON a.attrelid = c.{table} AND a.attnum = k.at)"
)
_KEYS = (  # child, parent, the child's columns, the parent's
    "SELECT c.conrelid::regclass::text, c.confrelid::regclass::text,"
    f" {_COLUMNS.format(keys='conkey', table='conrelid')},"
    f" {_COLUMNS.format(keys='confkey', table='confrelid')}"
    " FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace"
    " ORDER BY 1, 2, 3"
)


def file(connection: Connection) -> Faults:
    """SQLite's own view of the file, and on both engines rows whose foreign key points at none."""
    faults = Faults()
    if connection.dialect == "sqlite":
        for row in connection.execute("PRAGMA integrity_check"):
            if row[0] != "ok":
                faults.add(promises.FILE, str(row[0]))
        pointing = [(row[0], row[1], row[2]) for row in connection.execute("PRAGMA foreign_key_check")]
    else:
        pointing = [found for key in connection.tuples(_KEYS) for found in _pointing(connection, *key)]
    for table, row, parent in pointing:
        faults.add(promises.FILE, f"{table} row {row} points at no row of {parent}")
    return faults


def _pointing(
    connection: Connection, child: str, parent: str, own: list[str], theirs: list[str]
) -> list[tuple[str, str, str]]:
    here = " AND ".join(f"c.{name} IS NOT NULL" for name in own)
    there = " AND ".join(f"p.{name} = c.{mine}" for name, mine in zip(theirs, own, strict=True))
    sql = (
        f"SELECT ROW({', '.join(f'c.{name}' for name in own)})::text FROM {child} c"
        f" WHERE {here} AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE {there}) LIMIT 20"
    )
    return [(child, row[0], parent) for row in connection.tuples(sql)]
