"""What operators did at a desk, against the books: drawers, approvals, cards replaced or paid out."""

from host.ledger.verify import promises

# As in host.ledger.verify.tables: promise, query of the rows that do not keep it, sentence.
RULES = (
    (
        promises.DRAWERS,
        "SELECT s.id, coalesce(a.balance, 0) AS balance, coalesce(c.counted_fen, 0) AS counted"
        " FROM shifts s LEFT JOIN accounts a ON a.owner = 'shift:' || s.id AND a.kind = 'cash'"
        " LEFT JOIN drawer_counts c ON c.shift = s.id AND c.what = 'closed'"
        " WHERE coalesce(a.balance, 0) > 0 OR (c.id IS NOT NULL AND coalesce(a.balance, 0) <> 0"
        " AND NOT (c.detail LIKE '% handed over' AND a.balance = -c.counted_fen))",
        "the drawer of shift {id}, closed with {counted}, has an account of {balance}",
    ),
    (
        promises.DRAWERS,
        "SELECT c.shift, CAST(sum(c.counted_fen - c.expected_fen) AS BIGINT) AS found,"
        " coalesce(max(a.balance), 0) AS booked FROM drawer_counts c"
        " LEFT JOIN accounts a ON a.owner = 'shift:' || c.shift AND a.kind = 'over-short'"
        " GROUP BY c.shift HAVING sum(c.counted_fen - c.expected_fen) <> coalesce(max(a.balance), 0)",
        "the counts of shift {shift} found {found} over or short, {booked} is booked",
    ),
    (
        promises.DRAWERS,
        "SELECT s.id FROM shifts s WHERE NOT EXISTS (SELECT 1 FROM drawer_counts c WHERE c.shift = s.id"
        " AND c.what = 'opened')",
        "the drawer of shift {id} was never counted",
    ),
    (
        promises.APPROVED,
        "SELECT p.id, p.asked_by, w.answered_by FROM approvals p JOIN approval_answers w ON w.approval = p.id"
        " WHERE w.answered_by = p.asked_by",
        "approval {id} was asked and answered by {asked_by}",
    ),
    (
        promises.APPROVED,
        "SELECT p.id, p.act FROM approvals p JOIN desk_answers d ON d.act = p.act"
        " WHERE NOT EXISTS (SELECT 1 FROM approval_answers w WHERE w.approval = p.id AND w.yes = 1)",
        "act {act} was done, and nobody said yes to approval {id}",
    ),
    (
        promises.APPROVED,
        "SELECT p.id, a.operator, p.asked_by FROM approvals p JOIN desk_acts a ON a.id = p.act"
        " WHERE a.operator <> p.asked_by",
        "approval {id} of {asked_by} is for an act of {operator}",
    ),
    (
        promises.APPROVED,
        "SELECT d.suspect, d.act FROM suspect_decisions d WHERE NOT EXISTS (SELECT 1 FROM approvals p"
        " JOIN approval_answers w ON w.approval = p.id AND w.yes = 1 WHERE p.act = d.act"
        " AND p.kind = 'suspect')",
        "report {suspect} was settled by act {act}, to which nobody said yes",
    ),
    (
        promises.APPROVED,
        "SELECT d.suspect, d.transaction_id AS id FROM suspect_decisions d"
        " LEFT JOIN transactions t ON t.id = d.transaction_id WHERE (d.booked = 1)"
        " <> (coalesce(t.kind, '') IN ('sale', 'settlement') AND t.purse IS NOT NULL)",
        "report {suspect} was settled, and transaction {id} is not what that says",
    ),
    (
        promises.ENDS,
        "SELECT hex(e.uid) || '.' || e.issue AS card, e.what, (SELECT s.state FROM card_states s"
        " WHERE s.uid = e.uid AND s.issue = e.issue ORDER BY s.id DESC LIMIT 1) AS state FROM card_ends e"
        " WHERE NOT EXISTS (SELECT 1 FROM card_states s WHERE s.uid = e.uid AND s.issue = e.issue"
        " AND s.state IN ('replaced', 'returned', 'void'))",
        "card {card} was {what}, but it is {state}",
    ),
    (
        promises.ENDS,
        "SELECT hex(e.uid) || '.' || e.issue AS card, e.released_fen,"
        " CAST(coalesce(sum(m.amount), 0) AS BIGINT) AS moved FROM card_ends e"
        " LEFT JOIN transactions t ON t.kind = 'release' AND t.reference = hex(e.uid) || '.' || e.issue"
        " LEFT JOIN transfers m ON m.id >= t.first_transfer"
        " AND m.id < t.first_transfer + 8 AND m.transaction_id = t.id WHERE e.what = 'replaced'"
        " GROUP BY e.uid, e.issue, e.released_fen HAVING coalesce(sum(m.amount), 0) <> e.released_fen",
        "card {card} was replaced with {released_fen}, {moved} was released",
    ),
    (
        promises.ENDS,
        "SELECT card, released_fen, paid FROM (SELECT hex(e.uid) || '.' || e.issue AS card, e.released_fen,"
        " (SELECT CAST(coalesce(sum(m.amount), 0) AS BIGINT) FROM transactions t JOIN transfers m"
        " ON m.id >= t.first_transfer AND m.id < t.first_transfer + 8 AND m.transaction_id = t.id"
        " JOIN accounts a ON a.id = m.credit_id AND a.kind = 'cash' WHERE t.kind = 'release'"
        " AND t.reference = hex(e.uid) || '.' || e.issue) + (SELECT CAST(coalesce(sum(m.amount), 0)"
        " AS BIGINT) FROM card_loads l JOIN transactions t ON t.ends = l.transaction_id"
        " AND t.state = 'posted' JOIN transfers m ON m.id >= t.first_transfer"
        " AND m.id < t.first_transfer + 8 AND m.transaction_id = t.id"
        " JOIN accounts a ON a.id = m.credit_id AND a.kind = 'cash' WHERE l.uid = e.uid"
        " AND l.issue = e.issue AND l.amount_fen < 0) AS paid"
        " FROM card_ends e WHERE e.what = 'refunded') f WHERE released_fen <> paid",
        "card {card} was refunded with {released_fen}, {paid} was paid out",
    ),
    (
        promises.ENDS,
        "SELECT a.owner, a.kind, a.balance FROM accounts a JOIN card_ends e"
        " ON a.owner = 'card:' || hex(e.uid) || ':' || e.issue"
        " WHERE a.kind IN ('card', 'bonus', 'waiting', 'waiting-bonus') AND a.balance > 0",
        "{kind} of {owner} holds {balance}, though that card was replaced or paid out",
    ),
)
