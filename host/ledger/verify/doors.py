"""Promises about visits that passes pay for, and about orders of tills."""

from host.ledger.verify import promises
from host.ledger.verify.rows import OF_T
from protocol.wire.messages import SALE
from protocol.wire.online import REVERSAL, TAKEN

RULES = (
    (
        promises.ENTRIES,
        "SELECT k.name, e.epoch, e.counter, e.transaction_id AS id FROM entries e"
        " LEFT JOIN kiosks k ON k.number = e.kiosk LEFT JOIN transactions t ON t.id = e.transaction_id"
        " WHERE e.transaction_id IS NOT NULL AND (t.kind IS DISTINCT FROM 'entry'"
        " OR t.kiosk IS DISTINCT FROM k.name OR 1 IS DISTINCT FROM (SELECT CAST(sum(m.amount) AS BIGINT)"
        " FROM transfers m JOIN accounts a ON a.id = m.debit_id"
        f" WHERE {OF_T} AND a.owner = 'pass:' || e.pass_id))",
        "entry {name} {epoch}.{counter} is not the visit that transaction {id} took",
    ),
    (
        promises.ENTRIES,
        "SELECT t.id, t.reference FROM transactions t WHERE t.kind = 'entry'"
        " AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.transaction_id = t.id)",
        "transaction {id} takes the visit of {reference}, which nobody decided",
    ),
    (
        promises.ENTRIES,
        "SELECT k.name, e.epoch, e.counter FROM entries e JOIN reports r"
        " ON r.kiosk = e.kiosk AND r.epoch = e.epoch AND r.counter = e.counter"
        " JOIN kiosks k ON k.number = e.kiosk"
        f" WHERE r.kind = {REVERSAL} AND e.transaction_id IS NOT NULL AND NOT EXISTS (SELECT 1"
        " FROM transactions t WHERE t.kind = 'entry-back'"
        " AND t.reference = k.name || ' ' || e.epoch || '.' || e.counter)",
        "entry {name} {epoch}.{counter} was reversed by its door, and its visit is not given back",
    ),
    (
        promises.CHARGES,
        "SELECT r.order_id AS id, k.name, r.epoch, r.counter FROM till_reports r"
        " JOIN till_orders o ON o.id = r.order_id LEFT JOIN kiosks k ON k.number = r.kiosk"
        " LEFT JOIN reports s ON s.kiosk = r.kiosk AND s.epoch = r.epoch AND s.counter = r.counter"
        " WHERE o.kiosk <> r.kiosk OR s.kind IS DISTINCT FROM r.kind OR s.code IS DISTINCT FROM r.code"
        " OR s.transaction_id IS DISTINCT FROM r.transaction_id",
        "charge {id} is told by {name} {epoch}.{counter}, which the books hold otherwise",
    ),
    (
        promises.CHARGES,
        "SELECT r.order_id AS id, o.amount_fen, r.transaction_id AS paid FROM till_reports r"
        " JOIN till_orders o ON o.id = r.order_id"
        f" WHERE r.kind IN ({SALE}, {TAKEN}) AND r.transaction_id IS NOT NULL AND o.amount_fen"
        " IS DISTINCT FROM (SELECT CAST(sum(m.amount) AS BIGINT) FROM transactions t"
        f" JOIN transfers m ON {OF_T} WHERE t.id = r.transaction_id)",
        "charge {id} of {amount_fen} is not what transaction {paid} moved",
    ),
)
