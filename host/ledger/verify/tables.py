"""Promises that one query each can hold against the tables: each names the rows that do not keep it."""

from host.db.connection import Connection
from host.ledger import chain
from host.ledger.verify import desk, doors, online, passes, promises, stays
from host.ledger.verify.promises import Faults

# A promise may stand in more than one row. `{name}` in a sentence is a column of its query.
RULES = (
    (  # the schema's index says so too, while nobody took it away; of a card's counters the walk says so
        promises.ONCE,
        "SELECT kind, reference, min(id) AS first, max(id) AS last FROM transactions"
        " WHERE reference IS NOT NULL GROUP BY kind, reference HAVING count(*) > 1",
        "{kind} {reference} is booked as transactions {first} and {last}",
    ),
    (  # of what is acknowledged from 1 on the reports are counted as they are read
        promises.HELD,
        "SELECT * FROM (SELECT k.name, r.epoch, r.first, r.last, (SELECT count(*) FROM reports s"
        " WHERE s.kiosk = r.kiosk AND s.epoch = r.epoch AND s.counter BETWEEN r.first AND r.last) AS held"
        " FROM kiosk_ranges r LEFT JOIN kiosks k ON k.number = r.kiosk) a WHERE held <> last - first + 1",
        "kiosk {name} epoch {epoch}: {first} to {last} acknowledged, {held} held",
    ),
    (
        promises.HELD,
        "SELECT k.name, e.epoch, r.counter FROM kiosk_epochs e JOIN reports r ON r.kiosk = e.kiosk"
        " AND r.epoch = e.epoch AND r.counter > e.upto LEFT JOIN kiosks k ON k.number = e.kiosk"
        " WHERE NOT EXISTS (SELECT 1 FROM kiosk_ranges g WHERE g.kiosk = r.kiosk AND g.epoch = r.epoch"
        " AND r.counter BETWEEN g.first AND g.last)",
        "kiosk {name} {epoch}.{counter} is held, and not acknowledged",
    ),
    (  # of those that ended as they were planned the walk says so
        promises.MOVES,
        "SELECT t.id, t.tmc, t.reference FROM transactions t WHERE t.kind = 'found'"
        " AND t.reference IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM purses p JOIN card_loads l ON l.uid = p.uid AND l.issue = p.issue"
        " JOIN transactions v ON v.ends = l.transaction_id AND v.state = 'voided'"
        " WHERE p.account_id = t.purse AND t.reference = 'transaction:' || l.transaction_id AND l.tmc = t.tmc"
        " AND l.amount_fen = t.change_fen AND l.value_after_fen = t.value_fen)",
        "transaction {id} finds {reference} at TMC {tmc}, which is no voided top-up of that card",
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
    for promise, query, sentence in (
        *RULES,
        *online.RULES,
        *doors.RULES,
        *passes.RULES,
        *stays.RULES,
        *desk.RULES,
    ):
        for row in connection.execute(query):
            faults.add(promise, sentence.format(**{name: row[name] for name in row.keys()}))  # noqa: SIM118
    _beyond(connection, faults)
    return faults


def _beyond(connection: Connection, faults: Faults) -> None:
    sql = "SELECT writer, last_transaction, last_transfer FROM chains WHERE writer >= 0 AND writer < ?"
    chains = connection.tuples(f"{sql} ORDER BY writer", (chain.WRITERS_MAX,))
    for table, at in (("transactions", 1), ("transfers", 2)):
        ends = [(chain.first_number(row[0]), row[at]) for row in chains]
        lows = [-(2**62), *(last for _, last in ends)]
        highs = [*(first for first, _ in ends), 2**62]
        for low, high in zip(lows, highs, strict=True):
            sql = f"SELECT id FROM {table} WHERE id > ? AND id <= ? ORDER BY id LIMIT 20"
            for (number,) in connection.tuples(sql, (low, high)):
                faults.add(promises.CHAIN, f"{table[:-1]} {number} is beyond the end of its partition")
