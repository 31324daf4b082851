"""Promises about what passes hold and cost, and about those that were taken back."""

from host.ledger.verify import promises
from host.ledger.verify.rows import moved

_ACT = "'act:' || e.act"
_SOLD = moved("pass-sale", "p.reference", "m.debit_id AND a.kind = 'cash'")
_GIVEN = moved("pass", "'pass:' || p.id", "m.credit_id AND a.owner = 'pass:' || p.id AND a.unit = p.unit")
_GONE = moved("pass-back", _ACT, "m.debit_id AND a.owner = 'pass:' || e.pass_id")
_PAID = moved("pass-refund", _ACT, "m.credit_id AND a.kind = 'cash'")

# As in host.ledger.verify.tables: promise, query of the rows that do not keep it, sentence.
RULES = (
    (
        promises.PASSES,
        f"SELECT id, price_fen, taken FROM (SELECT p.id, p.price_fen, {_SOLD} AS taken FROM passes p) sold"
        " WHERE price_fen <> taken",
        "pass {id} was sold for {price_fen}, {taken} was taken",
    ),
    (
        promises.PASSES,
        f"SELECT * FROM (SELECT p.id, p.amount, p.unit, {_GIVEN} AS given FROM passes p) sold"
        " WHERE amount <> given",
        "pass {id} is of {amount} {unit}, {given} were given",
    ),
    (
        promises.PASSES,
        f"SELECT * FROM (SELECT e.pass_id AS id, e.amount, e.paid_fen, p.unit, {_GONE} AS gone,"
        f" {_PAID} AS paid FROM pass_ends e LEFT JOIN passes p ON p.id = e.pass_id) back"
        " WHERE amount <> gone OR paid_fen <> paid",
        "pass {id} was taken back with {amount} {unit} for {paid_fen}, {gone} {unit} went for {paid}",
    ),
    (
        promises.PASSES,
        "SELECT t.id, t.reference FROM transactions t WHERE t.kind = 'pass-sale'"
        " AND NOT EXISTS (SELECT 1 FROM passes p WHERE p.reference = t.reference)",
        "transaction {id} sells the pass of {reference}, which there is not",
    ),
    (
        promises.PASSES,
        "SELECT t.id, t.reference FROM transactions t WHERE t.kind IN ('pass-back', 'pass-refund')"
        " AND t.reference NOT IN (SELECT 'act:' || act FROM pass_ends)",
        "transaction {id} takes back the pass of {reference}, which took none back",
    ),
)
