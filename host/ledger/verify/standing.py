"""What stands in tables that are changed in place, held against what the walk makes of the books."""

from typing import Any

from host.db.connection import Connection
from host.ledger.chart import CARD, HOUSE, KINDS, KIOSK, OPERATOR, PASS, SHIFT, card_owner
from host.ledger.verify import promises
from host.ledger.verify.counters import holes
from host.ledger.verify.known import Known
from host.ledger.verify.promises import Faults
from host.ledger.verify.whole import Whole

OTHERS = "site:", "member:"  # owners of whom the books keep no list of their own

OWNERS = (
    f"SELECT '{HOUSE}' UNION SELECT '{KIOSK}' || name FROM kiosks"
    f" UNION SELECT '{OPERATOR}' || name FROM operators"
    f" UNION SELECT '{SHIFT}' || id FROM shifts"
    f" UNION SELECT '{PASS}' || id FROM passes"
    f" UNION SELECT '{CARD}' || hex(uid) || ':' || issue FROM card_states"
)

# What left an account without a card, by the books' own word, and what the house lost since: by account.
_OF_CARDS = (
    " FROM transactions t JOIN transfers e ON e.id >= t.first_transfer AND e.id < t.first_transfer + 8"
    " AND e.transaction_id = t.id WHERE t.kind IN ('release', 'loss') AND t.reference IS NOT NULL"
)
RELEASED = (
    "SELECT account, CAST(sum(amount) AS BIGINT) FROM ("
    f"SELECT e.debit_id AS account, e.amount{_OF_CARDS} UNION ALL SELECT e.credit_id, -e.amount{_OF_CARDS}"
    ") moved GROUP BY account"
)


class Standing:
    """Read in one moment, before the walk: what is booked meanwhile is left for the next one."""

    def __init__(self, connection: Connection) -> None:
        self.chains: list[tuple[Any, ...]] = connection.tuples(
            "SELECT writer, last_transaction, last_transfer, link FROM chains ORDER BY writer"
        )
        self.accounts = connection.tuples(
            "SELECT id, owner, unit, kind, below_zero, balance, last_transfer FROM accounts ORDER BY id"
        )
        self.purses = connection.tuples(
            "SELECT p.account_id, p.bonus_id, a.tmc, a.value_fen, a.missing, a.last_move, a.kind, c.number"
            " FROM purses p LEFT JOIN accounts a ON a.id = p.account_id"
            " LEFT JOIN cards c ON c.uid = p.uid AND c.issue = p.issue ORDER BY p.account_id"
        )
        self.gaps: dict[int, list[tuple[int, int]]] = {}
        sql = "SELECT account_id, first, last FROM purse_gaps ORDER BY account_id, first"
        for purse, first, last in connection.tuples(sql):
            self.gaps.setdefault(purse, []).append((first, last))
        self.released: dict[int, int] = {row[0]: row[1] for row in connection.tuples(RELEASED)}
        self.epochs = connection.tuples("SELECT kiosk, epoch, upto FROM kiosk_epochs")
        self.owners = {row[0] for row in connection.tuples(OWNERS)}

    def held_against(self, whole: Whole, known: Known) -> Faults:
        """Accounts, purses and chains against the end of the walk."""
        faults = Faults()
        strangers = {card_owner(*known.cards[row[0]]) for row in self.purses if row[6] == "suspense"}
        totals: dict[str, int] = {}
        balances: dict[int, int] = {}
        for number, owner, unit, kind, below, balance, last in self.accounts:
            balances[number] = balance
            totals[unit] = totals.get(unit, 0) + balance
            stands, total = whole.accounts.get(number, (None, 0))
            name = f"account {number} ({kind} of {owner})"
            if balance != total:
                faults.add(promises.BALANCES, f"{name} says {balance}, its transfers {total}")
            elif last != stands:
                faults.add(promises.BALANCES, f"{name} says its last transfer was {last}, it was {stands}")
            if kind not in KINDS or KINDS[kind].below_zero != below:
                faults.add(promises.BELOW_ZERO, f"{name} may go below zero “{below}”, unlike its kind")
            if owner not in (strangers if kind == "suspense" else self.owners) and not owner.startswith(
                OTHERS
            ):
                faults.add(
                    promises.OWNERS, f"account {number} ({kind}) is of {owner}, whom the books do not know"
                )
        for unit, total in totals.items():
            if total:
                faults.add(promises.UNITS, f"unit {unit} sums to {total}")
        self._purses(whole, known, balances, faults)
        for writer, transaction, transfer, link in self.chains:
            stood = whole.partitions.get(writer)
            ends = (transaction, transfer, bytes(link))
            if stood is None or (stood.transaction, stood.transfer, stood.link) != ends:
                faults.add(promises.CHAIN, f"partition {writer} does not end where its chain says")
        return faults

    def _purses(self, whole: Whole, known: Known, balances: dict[int, int], faults: Faults) -> None:
        for purse, bonus, tmc, value, missing, last, kind, card in self.purses:
            name = known.card(purse)
            spans = whole.counters.get(purse, [])
            gaps = holes(spans)
            should = (spans[-1][3], spans[-1][4]) if spans else (0, 0)
            if (tmc, value) != should:
                ends = f"its moves end at TMC {should[0]} with {should[1]}"
                faults.add(promises.PURSES, f"{name} stands at TMC {tmc} with {value}, {ends}")
            if last != whole.moves.get(purse):
                faults.add(
                    promises.PURSES, f"{name} says its last move was {last}, it was {whole.moves.get(purse)}"
                )
            absent = sum(last - first + 1 for first, last in gaps)
            if missing != absent or self.gaps.get(purse, []) != gaps:
                faults.add(
                    promises.PURSES,
                    f"{name} lists {missing} missing counters, {absent} are missing in its moves",
                )
            if spans and spans[0][0] == 1 and spans[0][1] != spans[0][2]:
                first, change, value_there = spans[0][:3]
                faults.add(promises.VALUES, f"{name} TMC {first}: 0 and {change} do not make {value_there}")
            if card is not None:
                for first, end in gaps:
                    span = first if first == end else f"{first} to {end}"
                    faults.add(promises.MISSING, f"{name}: nobody has reported TMC {span}")
                own = (purse, bonus)
                shadow = sum(balances.get(one, 0) + self.released.get(one, 0) for one in own)
                if kind == "card" and shadow != should[1]:
                    faults.add(
                        promises.SHADOWS, f"{name}: shadow {shadow} fen, the card last said {should[1]}"
                    )
