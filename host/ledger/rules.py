"""What must hold of the tables, as queries: each finds the rows that do not, and says so in a sentence.

A promise may stand in more than one row of the table. `{name}` in a sentence is a column of its query.
"""

from host.db.connection import Connection

RULES = (
    (
        "every unit sums to zero",
        "SELECT a.unit, sum(e.amount) AS total FROM entries e JOIN accounts a ON a.id = e.account_id"
        " GROUP BY a.unit HAVING total <> 0",
        "unit {unit} sums to {total}",
    ),
    (
        "every transaction sums to zero",
        "SELECT e.transaction_id AS id, a.unit, sum(e.amount) AS total FROM entries e"
        " JOIN accounts a ON a.id = e.account_id GROUP BY e.transaction_id, a.unit HAVING total <> 0",
        "transaction {id} sums to {total} {unit}",
    ),
    (
        "exactly the posted transactions have entries",
        "SELECT t.id FROM transactions t WHERE EXISTS (SELECT 1 FROM entries e WHERE e.transaction_id = t.id)"
        " AND NOT EXISTS (SELECT 1 FROM transaction_states s WHERE s.transaction_id = t.id"
        " AND s.state = 'posted')",
        "transaction {id} has entries but is not posted",
    ),
    (
        "exactly the posted transactions have entries",
        "SELECT s.transaction_id AS id FROM transaction_states s WHERE s.state = 'posted'"
        " AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.transaction_id = s.transaction_id)",
        "transaction {id} is posted without entries",
    ),
    (
        "exactly the planned transactions were pending",
        "SELECT t.id, EXISTS (SELECT 1 FROM plans p WHERE p.transaction_id = t.id) AS planned,"
        " EXISTS (SELECT 1 FROM transaction_states s WHERE s.transaction_id = t.id AND s.state = 'pending')"
        " AS pending FROM transactions t WHERE planned <> pending",
        "transaction {id}: planned {planned}, pending {pending}",
    ),
    (
        "every balance equals the sum of its entries",
        "SELECT a.id, a.kind, a.owner, a.balance, coalesce(sum(e.amount), 0) AS total FROM accounts a"
        " LEFT JOIN entries e ON e.account_id = a.id GROUP BY a.id HAVING a.balance <> total",
        "account {id} ({kind} of {owner}) says {balance}, entries {total}",
    ),
    (
        "every balance after an entry is right",
        "SELECT id, balance_after, total FROM (SELECT id, balance_after, sum(amount)"
        " OVER (PARTITION BY account_id ORDER BY id) AS total FROM entries) WHERE balance_after <> total",
        "entry {id} says {balance_after} after it, should be {total}",
    ),
    (  # that (UID, issue, TMC) and (kind, reference) are unique is the schema's; this is what joins them
        "nothing is booked twice",
        "SELECT t.id FROM transactions t JOIN transaction_states s"
        " ON s.transaction_id = t.id AND s.state = 'posted'"
        " LEFT JOIN card_moves m ON m.transaction_id = t.id WHERE t.kind IN ('sale', 'settlement', 'load')"
        " GROUP BY t.id HAVING count(m.tmc) <> 1",
        "transaction {id} does not belong to exactly one TMC",
    ),
    (
        "nothing is booked twice",
        "SELECT hex(m.uid) AS card, m.issue, m.tmc, t.kind, t.reference FROM card_moves m"
        " LEFT JOIN transactions t ON t.id = m.transaction_id"
        " WHERE t.id IS NULL OR t.kind NOT IN ('sale', 'settlement', 'load')"
        " OR (t.reference || '.') NOT LIKE hex(m.uid) || '.' || m.issue || '.' || m.tmc || '.%'",
        "card {card} issue {issue} TMC {tmc} is booked as {kind} {reference}",
    ),
    (  # of the cards we know: of others nobody knows where their counters began
        "no counter of a card is missing",
        "SELECT hex(uid) AS card, issue, CASE WHEN tmc = former + 2 THEN former + 1"
        " ELSE (former + 1) || ' to ' || (tmc - 1) END AS span FROM (SELECT uid, issue, tmc,"
        " coalesce(lag(tmc) OVER (PARTITION BY uid, issue ORDER BY tmc), 0) AS former FROM card_moves) m"
        " WHERE tmc > former + 1"
        " AND EXISTS (SELECT 1 FROM cards c WHERE c.uid = m.uid AND c.issue = m.issue)",
        "card {card} issue {issue}: nobody has reported TMC {span}",
    ),
    (
        "every shadow equals what the card last said",
        "SELECT hex(c.uid) AS card, c.issue, a.balance, coalesce((SELECT m.value_after_fen FROM card_moves m"
        " WHERE m.uid = c.uid AND m.issue = c.issue ORDER BY m.tmc DESC LIMIT 1), 0) AS said FROM cards c"
        " JOIN accounts a ON a.owner = 'card:' || hex(c.uid) || ':' || c.issue AND a.kind = 'card'"
        " WHERE a.balance <> said",
        "card {card} issue {issue}: shadow {balance} fen, the card last said {said}",
    ),
    (  # before the first counter the value is 0
        "every card's values follow from one another",
        "SELECT hex(uid) AS card, issue, tmc, change_fen, value_after_fen, before FROM (SELECT *,"
        " CASE WHEN tmc = 1 THEN 0 WHEN lag(tmc) OVER card = tmc - 1 THEN lag(value_after_fen) OVER card END"
        " AS before FROM card_moves WINDOW card AS (PARTITION BY uid, issue ORDER BY tmc))"
        " WHERE before + change_fen <> value_after_fen",
        "card {card} issue {issue} TMC {tmc}: {before} and {change_fen} do not make {value_after_fen}",
    ),
    (
        "every card's move, entry and top-up agree",
        "SELECT hex(m.uid) AS card, m.issue, m.tmc, m.change_fen, m.transaction_id AS id, ("
        "SELECT sum(e.amount) FROM entries e JOIN accounts a ON a.id = e.account_id"
        " WHERE e.transaction_id = m.transaction_id AND (a.kind = 'suspense' OR a.kind = 'card'"
        " AND a.owner = 'card:' || hex(m.uid) || ':' || m.issue)) AS entered"
        " FROM card_moves m WHERE entered IS NOT m.change_fen",
        "card {card} issue {issue} TMC {tmc} moves {change_fen}, transaction {id} enters {entered}",
    ),
    (
        "every card's move, entry and top-up agree",
        "SELECT hex(m.uid) AS card, m.issue, m.tmc, m.change_fen, l.amount_fen, l.tmc AS load_tmc,"
        " m.value_after_fen, l.value_after_fen AS load_value FROM card_moves m"
        " JOIN transactions t ON t.id = m.transaction_id AND t.kind = 'load'"
        " LEFT JOIN card_loads l ON l.transaction_id = t.id WHERE l.amount_fen IS NOT m.change_fen"
        " OR load_tmc IS NOT m.tmc OR load_value IS NOT m.value_after_fen",
        "card {card} issue {issue} TMC {tmc} moves {change_fen} to {value_after_fen}, "
        "its top-up says {amount_fen} to {load_value} at TMC {load_tmc}",
    ),
    (
        "every sale's income is at its kiosk",
        "SELECT t.id, t.kiosk FROM transactions t WHERE t.kind IN ('sale', 'settlement', 'correction')"
        " AND NOT EXISTS (SELECT 1 FROM entries e JOIN accounts a ON a.id = e.account_id"
        " WHERE e.transaction_id = t.id AND e.amount > 0 AND a.kind = 'sales'"
        " AND a.owner = 'kiosk:' || t.kiosk)",
        "transaction {id} of kiosk {kiosk} earns nothing there",
    ),
    (
        "every account's owner is known",
        "SELECT id, kind, owner FROM accounts WHERE owner <> 'house'"
        " AND owner NOT IN (SELECT 'kiosk:' || name FROM kiosks)"
        " AND owner NOT IN (SELECT 'card:' || hex(uid) || ':' || issue FROM card_states)",
        "account {id} ({kind}) is of {owner}, whom the books do not know",
    ),
    (
        "what is acknowledged in a row is held",
        "SELECT k.name, e.epoch, e.upto, (SELECT count(*) FROM reports r WHERE r.kiosk = e.kiosk"
        " AND r.epoch = e.epoch AND r.counter <= e.upto) AS held FROM kiosk_epochs e"
        " JOIN kiosks k ON k.number = e.kiosk WHERE held <> e.upto",
        "kiosk {name} epoch {epoch}: {upto} acknowledged in a row, {held} held",
    ),
)


def broken(connection: Connection, query: str, sentence: str) -> list[str]:
    """One sentence a row that a rule's query finds."""
    return [sentence.format(**row) for row in connection.execute(query)]
