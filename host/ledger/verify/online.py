"""Promises about what runs over the relay: top-ups that are open, and payments decided online."""

from host.ledger.verify import promises
from host.ledger.verify.rows import OF_T
from protocol.wire.online import REVERSAL

RULES = (
    (
        promises.OPEN_LOADS,
        "SELECT l.transaction_id AS id FROM card_loads l LEFT JOIN open_loads o"
        " ON o.transaction_id = l.transaction_id AND o.uid = l.uid AND o.issue = l.issue"
        " WHERE (o.transaction_id IS NULL)"
        " <> EXISTS (SELECT 1 FROM transactions e WHERE e.ends = l.transaction_id)",
        "top-up {id} is ended and listed as open, or neither",
    ),
    (
        promises.PAYMENTS,
        "SELECT k.name, p.epoch, p.counter, p.amount_fen, p.transaction_id AS id FROM payments p"
        " LEFT JOIN kiosks k ON k.number = p.kiosk LEFT JOIN transactions t ON t.id = p.transaction_id"
        " WHERE p.transaction_id IS NOT NULL AND (t.kind IS DISTINCT FROM 'payment'"
        " OR t.state IS DISTINCT FROM 'posted' OR t.kiosk IS DISTINCT FROM k.name OR p.amount_fen IS DISTINCT"
        f" FROM (SELECT CAST(sum(m.amount) AS BIGINT) FROM transfers m WHERE {OF_T}))",
        "payment {name} {epoch}.{counter} of {amount_fen} is not what transaction {id} moved there",
    ),
    (
        promises.PAYMENTS,
        "SELECT t.id, t.reference FROM transactions t WHERE t.kind = 'payment' AND t.state = 'posted'"
        " AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.transaction_id = t.id)",
        "transaction {id} books payment {reference}, which nobody decided",
    ),
    (
        promises.PAYMENTS,
        "SELECT k.name, p.epoch, p.counter, p.transaction_id AS id FROM payments p JOIN reports r"
        " ON r.kiosk = p.kiosk AND r.epoch = p.epoch AND r.counter = p.counter"
        " LEFT JOIN kiosks k ON k.number = p.kiosk"
        f" WHERE r.kind = {REVERSAL} AND p.transaction_id IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM transactions t"
        " WHERE t.kind = 'reversal' AND t.reference = 'transaction:' || p.transaction_id)",
        "payment {name} {epoch}.{counter} was reversed by its kiosk, transaction {id} stands",
    ),
)
