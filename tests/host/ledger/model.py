"""What the ledger must do, in plain dicts: no SQL, no batches, no chain. Rows are numbered from 1."""


class No(Exception):
    """str() is the name of the refusal."""


class Model:
    def __init__(self, accounts):
        self.accounts = accounts  # {name: [unit, below zero?, balance]}; what lies in lots is called points
        self.rows, self.names, self.of_cards = 0, set(), set()
        self.lots = []  # [account, left, expires_s], oldest first
        self.moved, self.plans, self.states, self.counters = {}, {}, {}, {}  # by row; {card: {tmc: value}}

    def post(self, name, transfers, by_report=False):
        return self._row(name, self._admit(name, transfers, by_report))

    def plan(self, name, transfers):
        self._admit(name, transfers, moves=False)
        self.plans[self.rows + 1], self.states[self.rows + 1] = transfers, "pending"
        return self._row(name, None)

    def end(self, row, state):
        _must(self.states.get(row) == "pending", "LedgerError")
        moved = self._admit(None, self.plans[row]) if state == "posted" else None
        self.states[row] = state
        return self._row(None, moved)

    def reverse(self, row):
        moved = self.moved.get(row, [("points", "points", 0)])
        _must(row not in self.of_cards and "points" not in str(moved), "LedgerError")
        return self.post(("reversal", row), [(taker, giver, amount) for giver, taker, amount in moved[::-1]])

    def take(self, card, tmc, value_fen, book):
        _must(tmc not in self.counters[card], "AlreadyBooked")
        row = book()
        self.of_cards.add(row)
        self.counters[card][tmc] = value_fen
        return row

    def use(self, name, account, lots, issued, amount):
        _must(name not in self.names, "AlreadyBooked")
        _must(sum(lot[1] for lot in lots) >= amount, "Overdraft")
        row = self.post(name, [(account, issued, amount)])
        for lot in lots:
            lot[1], amount = lot[1] - min(lot[1], amount), amount - min(lot[1], amount)
        return row

    def _admit(self, name, transfers, by_report=False, moves=True):
        _must(name not in self.names, "AlreadyBooked")
        _must(transfers, "LedgerError")
        left = {name: account[2] for name, account in self.accounts.items()}
        for debit, credit, amount in transfers:
            units = {self.accounts.get(side, [None])[0] for side in (debit, credit)}
            _must(type(amount) is int and 0 < amount < 2**53 and debit != credit, "LedgerError")
            _must(len(units) == 1 and None not in units, "LedgerError")
            left[debit], left[credit] = left[debit] - amount * moves, left[credit] + amount * moves
            may = self.accounts[debit][1] in (["yes", "reports"] if by_report else ["yes"])
            _must(left[debit] >= 0 or may or not moves, "Overdraft")
        for name, balance in left.items():
            self.accounts[name][2] = balance
        return transfers

    def _row(self, name, moved):
        self.rows, self.names = self.rows + 1, self.names | {name} - {None}
        self.moved |= {} if moved is None else {self.rows: moved}
        return self.rows


def _must(holds, refusal):
    if not holds:
        raise No(refusal)
