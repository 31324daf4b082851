"""The ledger as lines to look at: two per transfer, what was debited and what was credited."""

from typing import Any

from host.db.connection import Connection, Row
from host.ledger import chain

LINES_MAX = 500

WHAT = {
    "load": ("充值", "top-up"),
    "refund": ("退回", "given back"),
    "sale": ("消费", "sale"),
    "settlement": ("补记消费", "sale settled later"),
    "correction": ("更正", "correction"),
    "reversal": ("冲正", "reversal"),
    "account-load": ("充值", "top-up"),
    "opening": ("期初余额", "opening balance"),
    "take": ("收款", "money taken for a card"),
    "give-back": ("退还收款", "money given back"),
    "release": ("转出余额", "value released from a card"),
    "bonus-spent": ("补扣赠送额", "bonus spent after all"),
    "payout": ("退卡付款", "paid out of a card"),
    "loss": ("损失", "loss"),
    "found": ("补记入卡", "on the card after all"),
    "drawer-float": ("备用金", "float of a drawer"),
    "drawer-count": ("长短款", "over or short"),
    "drawer-move": ("存取现金", "cash moved"),
    "expiry": ("过期", "expiry"),
    "pass": ("办次卡", "pass given"),
    "pass-sale": ("售次卡、期卡", "pass sold"),
    "pass-back": ("收回次卡", "pass taken back"),
    "pass-refund": ("退次卡、期卡", "pass paid back"),
    "stay": ("入场计时", "stay by a pass"),
    "stay-back": ("计时撤销", "stay undone"),
    "stay-owed": ("超时欠计", "used beyond a pass"),
    "owed-back": ("欠计撤销", "owed time undone"),
    "owed-paid": ("补扣欠时", "owed time paid"),
    "entry": ("入场", "entry"),
    "entry-back": ("入场撤销", "entry undone"),
}

# A transfer's lines are numbered 2n - 1 (what was debited) and 2n (what was credited).
_SELECT = (
    "SELECT e.id * 2 - 1 + s.side AS id, t.booked_s, t.kind, a.kind AS account, a.owner,"
    " CASE s.side WHEN 0 THEN -e.amount ELSE e.amount END AS amount,"
    " CASE s.side WHEN 0 THEN e.debit_after ELSE e.credit_after END AS balance_after, t.kiosk,"
    " CASE WHEN p.uid IS NULL THEN NULL ELSE hex(p.uid) || '.' || p.issue || '.' || t.tmc END AS move,"
    " t.reference, t.happened_s, t.who"
    " FROM transfers e CROSS JOIN (SELECT 0 AS side UNION ALL SELECT 1) s"
    " JOIN transactions t ON t.id = e.transaction_id"
    " JOIN accounts a ON a.id = CASE s.side WHEN 0 THEN e.debit_id ELSE e.credit_id END"
    " LEFT JOIN purses p ON p.account_id = t.purse"
    " WHERE e.id BETWEEN ? AND ? AND e.id * 2 - 1 + s.side > ? ORDER BY e.id, s.side LIMIT ?"
)
NUMBERS_MAX = 1 << chain.WRITER_BITS


def after(connection: Connection, line_id: int, limit: int = LINES_MAX) -> list[dict[str, Any]]:
    """Lines of one partition above line_id, oldest first. amount_fen above zero is a credit."""
    transfer = (line_id + 1) // 2
    end = chain.first_number(chain.writer_of(transfer)) + NUMBERS_MAX - 1
    return [_line(row) for row in connection.execute(_SELECT, (transfer, end, line_id, limit))]


def last(connection: Connection) -> int:
    """The newest line's id in the first partition, 0 when there is none."""
    row = connection.execute("SELECT last_transfer FROM chains WHERE writer = 0").fetchone()
    return 0 if row is None else row[0] * 2


class Cursor:
    """Where a reader of all partitions stands: the last line it has of each."""

    def __init__(self, line_id: int) -> None:
        self._seen = {chain.writer_of((line_id + 1) // 2): line_id}

    def next(self, connection: Connection) -> list[dict[str, Any]]:
        """What came since, partition by partition, at most LINES_MAX of each."""
        found = []
        for (writer,) in connection.execute("SELECT writer FROM chains ORDER BY writer").fetchall():
            lines = after(connection, self._seen.get(writer, chain.first_number(writer) * 2))
            if lines:
                self._seen[writer] = lines[-1]["id"]
            found += lines
        return found


def _line(row: Row) -> dict[str, Any]:
    zh, en = WHAT.get(row["kind"], (row["kind"], row["kind"]))
    move = row["move"]
    return {
        "id": row["id"],
        "at": row["booked_s"],
        "happened": row["happened_s"],
        "kind": row["kind"],
        "what": {"zh": zh, "en": en},
        "account": row["account"],
        "owner": row["owner"],
        "amount_fen": row["amount"],
        "balance_after_fen": row["balance_after"],
        "kiosk": row["kiosk"],
        "card": None if move is None else move.partition(".")[0],
        "reference": row["reference"] or move,
        "who": row["who"],
    }
