"""Promises about stays: what each used is off its pass or owed, once, and given back where it was undone."""

from host.ledger.verify import promises
from host.ledger.verify.rows import OF_T, moved
from protocol.wire.online import REVERSAL

_STEP = "'stay:' || e.id"
_PASS = "a.owner = 'pass:' || s.pass_id AND a.unit = 'minutes' AND a.kind"
_BOOKED = moved("stay", _STEP, f"m.debit_id AND {_PASS} = 'points'")
_OWED = moved("stay-owed", _STEP, f"m.debit_id AND {_PASS} = 'owed'")
_BACK = moved("stay-back", _STEP, f"m.credit_id AND {_PASS} = 'points'")
_REMITTED = moved("owed-back", _STEP, f"m.credit_id AND {_PASS} = 'owed'")
_KINDS = "('stay', 'stay-owed', 'stay-back', 'owed-back')"
_ENDS = "('out', 'desk', 'limit')"
_STEPS = "stay_steps e JOIN stays s ON s.id = e.stay_id"
_BEFORE = "(SELECT max(f.id) FROM stay_steps f WHERE f.stay_id = e.stay_id AND f.id < e.id)"
_LASTED = (  # a clock that went back makes it a minute
    "CASE WHEN e.ended_s <= s.at_s THEN 1 WHEN e.ended_s >= s.at_s + 60 * p.stay_min THEN p.stay_min"
    " ELSE (e.ended_s - s.at_s + 59) / 60 END"
)
_STANDS = (
    "NOT EXISTS (SELECT 1 FROM reports r WHERE r.kiosk = x.kiosk AND r.epoch = x.epoch"
    f" AND r.counter = x.counter AND r.kind = {REVERSAL})"
)

# As in host.ledger.verify.tables: promise, query of the rows that do not keep it, sentence.
RULES = (
    (
        promises.STAYS,
        f"SELECT * FROM (SELECT e.id, e.stay_id, e.booked_min, e.owed_min, {_BOOKED} - {_BACK} AS booked,"
        f" {_OWED} - {_REMITTED} AS owed, CASE WHEN e.what IN {_ENDS} THEN 1 WHEN e.what = 'back' THEN -1"
        f" ELSE 0 END AS sign FROM {_STEPS}) step WHERE sign * booked_min <> booked"
        " OR sign * owed_min <> owed OR (sign = 0 AND booked_min + owed_min > 0)",
        "stay {stay_id} step {id} is of {booked_min} and {owed_min} minutes, {booked} and {owed} were booked",
    ),
    (
        promises.STAYS,
        f"SELECT e.id, e.stay_id, e.used_min, p.stay_min FROM {_STEPS} JOIN passes p ON p.id = s.pass_id"
        f" WHERE e.what IN {_ENDS} AND (e.used_min > {_LASTED} OR e.used_min < 1"
        f" OR (e.what <> 'desk' AND e.used_min < {_LASTED})"
        " OR e.booked_min + e.owed_min > e.used_min OR (p.until_s IS NULL"
        " AND e.booked_min + e.owed_min <> e.used_min))",
        "stay {stay_id} step {id} books other minutes than the {used_min} that it used",
    ),
    (
        promises.STAYS,
        f"SELECT e.id, e.stay_id FROM stay_steps e LEFT JOIN stay_steps b ON b.id = {_BEFORE} WHERE"
        " (e.what = 'back' AND coalesce(b.what, '') NOT IN ('out', 'limit'))"
        f" OR ((e.what IN {_ENDS} OR e.what = 'void') AND b.what <> 'back')"
        " OR (e.what = 'back' AND e.booked_min + e.owed_min <> b.booked_min + b.owed_min)",
        "stay {stay_id} step {id} does not follow from the step before it",
    ),
    (
        promises.STAYS,
        f"SELECT t.id, t.reference FROM transactions t WHERE t.kind IN {_KINDS} AND t.reference IN"
        f" (SELECT reference FROM transactions WHERE kind IN {_KINDS} EXCEPT"
        f" SELECT {_STEP} FROM stay_steps e)",  # a join has no index to go by
        "transaction {id} is of {reference}, which there is not",
    ),
    (
        promises.STAYS,
        "SELECT s.id FROM stays s LEFT JOIN stay_steps e"
        " ON e.id = (SELECT max(f.id) FROM stay_steps f WHERE f.stay_id = s.id)"
        " WHERE coalesce(e.what, 'in') NOT IN ('void', 'desk', 'limit') AND NOT EXISTS (SELECT 1"
        f" FROM stay_taps x WHERE x.stay_id = s.id AND x.used_min IS NULL AND {_STANDS})"
        " AND NOT EXISTS (SELECT 1 FROM stay_taps x WHERE x.stay_id = s.id AND x.used_min IS NOT NULL"
        f" AND {_STANDS})",
        "stay {id} stands, and no door let anybody in or out",
    ),
    (
        promises.STAYS,
        "SELECT t.id, t.reference FROM transactions t WHERE t.kind = 'owed-paid' AND NOT EXISTS"
        f" (SELECT 1 FROM transfers m JOIN accounts a ON a.id = m.credit_id WHERE {OF_T}"
        " AND a.kind = 'owed')",
        "transaction {id} pays {reference}, and nothing that was owed",
    ),
    (
        promises.STAYS,
        "SELECT id, owner, balance FROM accounts WHERE kind = 'owed' AND balance > 0",
        "account {id} of {owner} was paid {balance} minutes more than it owed",
    ),
)
