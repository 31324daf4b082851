"""What verify promises, each a sentence that people read; and the rows that do not keep it."""

UNITS = "every unit sums to zero"
TRANSACTIONS = "every transaction sums to zero"
CHAIN = "the chain of transactions is whole"
CHECKPOINTS = "every checkpoint holds"
POSTED = "exactly the posted transactions have transfers"
PLANNED = "exactly the planned transactions were pending"
ENDED = "every pending transaction ends once, as it was planned"
BALANCES = "every balance equals the sum of its transfers"
AFTER = "every balance after a transfer is right"
BELOW_ZERO = "no account is below zero where it may not be"
ONCE = "nothing is booked twice"
MISSING = "no counter of a card is missing"  # of the cards we know: of others nobody knows where they began
PURSES = "every purse stands where its moves end"
SHADOWS = "every shadow equals what the card last said"
VALUES = "every card's values follow from one another"
MOVES = "every card's move, transfers and top-up agree"
INCOME = "every sale's income is at its kiosk"
OWNERS = "every account's owner is known"
LOTS = "every lot holds what was not used of it"
HELD = "what is acknowledged in a row is held"
BOOKED = "every acknowledged debit is booked"
OPEN_LOADS = "every top-up is listed as open until it is ended"
PAYMENTS = "every online payment is booked as decided, and undone where it was reversed"
ENTRIES = "every visit was taken as decided, and given back where it was reversed"
PASSES = "every pass was paid for as it says, and taken back as it says"
STAYS = "every stay is off its pass or owed as it was used, and given back where it was undone"
CHARGES = "every charge of a till is paid by the sale that names it"
DRAWERS = "every drawer holds what its counts and its entries say"
APPROVED = "what needs a second person was approved by one, once"
ENDS = "every card that was replaced or paid out has nothing left"
POINTERS = "every row points at one that is there"
FILE = "the file is whole"

ALL = (
    *(UNITS, TRANSACTIONS, CHAIN, CHECKPOINTS, POSTED, PLANNED, ENDED, BALANCES, AFTER, BELOW_ZERO, ONCE),
    *(MISSING, PURSES, SHADOWS, VALUES, MOVES, INCOME, OWNERS, LOTS, HELD, BOOKED, OPEN_LOADS, PAYMENTS),
    *(ENTRIES, PASSES, STAYS, CHARGES, DRAWERS, APPROVED, ENDS, POINTERS, FILE),
)
ROWS_NAMED_MAX = 20


class Faults:
    """Rows that do not keep a promise: all are counted, the first of each promise are named."""

    def __init__(self) -> None:
        self.rows: dict[str, list[str]] = {}
        self.counts: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self.counts)

    def add(self, promise: str, sentence: str) -> None:
        """One row."""
        rows = self.rows.setdefault(promise, [])
        if len(rows) < ROWS_NAMED_MAX:
            rows.append(sentence)
        self.counts[promise] = self.counts.get(promise, 0) + 1

    def take(self, other: "Faults") -> None:
        """All of another's, after ours."""
        for promise, count in other.counts.items():
            rows = self.rows.setdefault(promise, [])
            rows += other.rows[promise][: ROWS_NAMED_MAX - len(rows)]
            self.counts[promise] = self.counts.get(promise, 0) + count

    def checks(self) -> list[dict[str, object]]:
        """[{name, ok, detail}] of all promises; detail names at most ROWS_NAMED_MAX rows."""
        return [self._check(promise) for promise in ALL]

    def _check(self, promise: str) -> dict[str, object]:
        rows = self.rows.get(promise, [])
        more = self.counts.get(promise, 0) - len(rows)
        detail = "; ".join(rows) + (f"; and {more} more" if more else "")
        return {"name": promise, "ok": not rows, "detail": detail}
