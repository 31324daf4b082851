"""Promises about what passes cost, and about those that were taken back."""

from host.ledger.verify import promises
from host.ledger.verify.rows import OF_T

_ACT = "'act:' || e.act"


def _moved(kind: str, reference: str, account: str) -> str:
    """SQL: what the transaction of this kind and reference moved; account: m's end and its kind."""
    return (
        "coalesce((SELECT CAST(sum(m.amount) AS BIGINT) FROM transactions t"
        f" JOIN transfers m ON {OF_T} JOIN accounts a ON a.id = {account}"
        f" WHERE t.kind = '{kind}' AND t.reference = {reference}), 0)"
    )


_SOLD = _moved("pass-sale", "p.reference", "m.debit_id AND a.kind = 'cash'")
_GONE = _moved("pass-back", _ACT, "m.debit_id AND a.owner = 'pass:' || e.pass_id")
_PAID = _moved("pass-refund", _ACT, "m.credit_id AND a.kind = 'cash'")

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
        f"SELECT * FROM (SELECT e.pass_id AS id, e.visits, e.paid_fen, {_GONE} AS gone, {_PAID} AS paid"
        " FROM pass_ends e) back WHERE visits <> gone OR paid_fen <> paid",
        "pass {id} was taken back with {visits} visits for {paid_fen}, {gone} visits went for {paid}",
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
