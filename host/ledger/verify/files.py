"""Is the file whole, and does every row of the smaller tables point at one that is there?

Foreign keys say so too while they stand, but whoever has the database in his hands can take them away. Of
transactions, transfers and reports, which have none, the walk looks at every pointer.
"""

from collections.abc import Iterator

from host.db.connection import Connection
from host.ledger.verify import promises
from host.ledger.verify.promises import Faults

# Table, its columns, and whose columns they are. A test holds it against the schema.
POINTERS = (
    ("approval_answers", "approval", "approvals", "id"),
    ("approval_answers", "answered_by", "operators", "name"),
    ("approvals", "act", "desk_acts", "id"),
    ("approvals", "asked_by", "operators", "name"),
    ("card_ends", "act", "desk_acts", "id"),
    ("card_ends", "uid, issue", "cards", "uid, issue"),
    ("card_ends", "new_uid, new_issue", "cards", "uid, issue"),
    ("card_limits", "uid, issue", "cards", "uid, issue"),
    ("card_key_moves", "uid, issue", "cards", "uid, issue"),
    ("card_loads", "transaction_id", "transactions", "id"),
    ("card_notes", "uid, issue", "cards", "uid, issue"),
    ("card_pin_tries", "uid, issue", "cards", "uid, issue"),
    ("card_pins", "uid, issue", "cards", "uid, issue"),
    ("card_stock", "batch", "card_batches", "id"),
    ("card_states", "uid, issue", "cards", "uid, issue"),
    ("config_rejections", "kiosk, version", "kiosk_configs", "kiosk, version"),
    ("desk_acts", "operator", "operators", "name"),
    ("desk_answers", "act", "desk_acts", "id"),
    ("drawer_counts", "shift", "shifts", "id"),
    ("entries", "kiosk", "kiosks", "number"),
    ("entries", "pass_id", "passes", "id"),
    ("entries", "transaction_id", "transactions", "id"),
    ("inferences", "transaction_id", "transactions", "id"),
    ("kiosk_configs", "kiosk", "kiosks", "number"),
    ("kiosk_epochs", "kiosk", "kiosks", "number"),
    ("kiosk_faults", "kiosk", "kiosks", "number"),
    ("kiosk_nonces", "kiosk", "kiosks", "number"),
    ("kiosk_revocations", "kiosk", "kiosks", "number"),
    ("kiosk_sessions", "kiosk", "kiosks", "number"),
    ("kiosk_pairings", "kiosk", "kiosks", "number"),
    ("kiosk_ranges", "kiosk", "kiosks", "number"),  # has no foreign key: written with every batch
    ("lot_uses", "lot_id", "lots", "transfer_id"),
    ("lot_uses", "transfer_id", "transfers", "id"),
    ("lots", "account_id", "accounts", "id"),
    ("lots", "transfer_id", "transfers", "id"),
    ("operator_changes", "operator", "operators", "name"),
    ("operator_tokens", "operator", "operators", "name"),
    ("pass_ends", "act", "desk_acts", "id"),
    ("pass_ends", "pass_id", "passes", "id"),
    ("passes", "uid, issue", "cards", "uid, issue"),
    ("payments", "kiosk", "kiosks", "number"),
    ("payments", "transaction_id", "transactions", "id"),
    ("plans", "credit_id", "accounts", "id"),
    ("plans", "debit_id", "accounts", "id"),
    ("plans", "transaction_id", "transactions", "id"),
    ("purse_gaps", "account_id", "purses", "account_id"),
    ("purses", "bonus_id", "accounts", "id"),
    ("purses", "account_id", "accounts", "id"),
    ("refusals", "kiosk", "kiosks", "number"),
    ("rollout_ends", "rollout", "rollouts", "id"),
    ("rollout_holds", "kiosk", "kiosks", "number"),
    ("rollout_holds", "rollout", "rollouts", "id"),
    ("rollout_kiosks", "kiosk", "kiosks", "number"),
    ("rollout_kiosks", "rollout", "rollouts", "id"),
    ("rollout_words", "kiosk", "kiosks", "number"),
    ("rollout_words", "rollout", "rollouts", "id"),
    ("rollouts", "version", "firmware_images", "version"),
    ("settlements", "kiosk", "kiosks", "number"),
    ("shifts", "operator", "operators", "name"),
    ("stay_steps", "act", "desk_acts", "id"),
    ("stay_steps", "stay_id", "stays", "id"),
    ("stay_taps", "kiosk, epoch, counter", "entries", "kiosk, epoch, counter"),
    ("stay_taps", "stay_id", "stays", "id"),
    ("stays", "pass_id", "passes", "id"),
    ("sun_counters", "uid, issue", "cards", "uid, issue"),
    ("suspect_decisions", "act", "desk_acts", "id"),
    ("suspect_decisions", "suspect", "suspects", "id"),
    ("suspect_decisions", "transaction_id", "transactions", "id"),
    ("suspects", "kiosk", "kiosks", "number"),
    ("till_cancels", "order_id", "till_orders", "id"),
    ("till_orders", "kiosk", "kiosks", "number"),
    ("till_reports", "order_id", "till_orders", "id"),
    ("till_reports", "transaction_id", "transactions", "id"),
    ("till_words", "order_id", "till_orders", "id"),
    ("open_loads", "transaction_id", "card_loads", "transaction_id"),
    ("unsettled", "kiosk", "kiosks", "number"),
)


def file(connection: Connection) -> Faults:
    """SQLite's own view of the file; PostgreSQL's files are its own to check. And the pointers."""
    faults = Faults()
    if connection.dialect == "sqlite":
        for row in connection.execute("PRAGMA integrity_check"):
            if row[0] != "ok":
                faults.add(promises.FILE, str(row[0]))
    for pointer in POINTERS:
        for sentence in _astray(connection, *pointer):
            faults.add(promises.POINTERS, sentence)
    return faults


def _astray(connection: Connection, table: str, columns: str, parent: str, theirs: str) -> Iterator[str]:
    own = [f"c.{name}" for name in columns.split(", ")]
    matches = " AND ".join(f"p.{name} = {mine}" for name, mine in zip(theirs.split(", "), own, strict=True))
    sql = (
        f"SELECT {', '.join(own)} FROM {table} c WHERE {own[0]} IS NOT NULL"
        f" AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE {matches})"
    )
    for row in connection.tuples(sql):
        values = " ".join(value.hex().upper() if isinstance(value, bytes) else str(value) for value in row)
        yield f"a row of {table} with {columns} {values} points at no row of {parent}"
