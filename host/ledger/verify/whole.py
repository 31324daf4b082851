"""The parts put together: what stands at the end of all that was walked, and can be kept to go on from.

An account's changes come in runs, each saying what was before it; so they join in whatever order the parts
come, also where several writers share an account.
"""

from typing import Any

from host.ledger import chain
from host.ledger.terms import PENDING, POSTED
from host.ledger.verify import promises
from host.ledger.verify.counters import Span, join
from host.ledger.verify.known import Known
from host.ledger.verify.promises import Faults
from host.ledger.verify.purses import name_counters
from host.ledger.verify.reported import Counters
from host.ledger.verify.rows import Moves
from host.ledger.verify.walk import Part, Walked

FORMAT = 1


class Stood:
    """How far a partition was walked; link: of its last transaction."""

    def __init__(self, transaction: int, transfer: int, link: bytes) -> None:
        self.transaction = transaction
        self.transfer = transfer
        self.link = link

    @classmethod
    def at_origin(cls, writer: int) -> "Stood":
        """Nothing yet."""
        first = chain.first_number(writer)
        return cls(first, first, chain.origin(writer))


class Whole:
    """All that was walked."""

    def __init__(self) -> None:
        self.partitions: dict[int, Stood] = {}
        self.accounts: dict[int, tuple[int | None, int]] = {}  # its last transfer, balance
        self.moves: dict[int, int | None] = {}  # purse -> its last move
        self.counters: dict[int, list[Span]] = {}  # by purse
        self.pending: dict[int, Moves] = {}
        self.reports: dict[tuple[int, int], int] = {}  # (kiosk, epoch) -> read up to, without a hole
        # what came before the one it follows did
        self.early_runs: dict[tuple[int, int | None], tuple[int, int, int]] = {}
        self.early_moves: dict[tuple[int, int | None], int] = {}
        self.early_ends: dict[int, tuple[int, str, str, Moves]] = {}

    def take(self, writer: int, part: Part, walked: Walked, known: Known) -> Faults:
        """The next part of a partition; what does not fit what was before."""
        faults = Faults()
        for account, before, balance_before, last, balance in walked.runs:
            self._run(faults, account, before, (balance_before, last, balance))
        for purse, before, last in walked.moves:
            self._moved(faults, purse, before, last)
        for purse, spans in walked.counters.items():
            held = self.counters.setdefault(purse, [])
            for span in spans:
                name_counters(faults, known.card(purse), *join(held, span))
        self.pending |= walked.pending
        for number, ends, *how in walked.ended:
            if ends in self.early_ends:
                faults.add(promises.ENDED, f"transaction {number} ends {ends}, which was ended before")
            self.early_ends[ends] = (number, *how)  # type: ignore[assignment]
        for ends in [ends for ends in self.early_ends if ends in self.pending]:
            _end(faults, ends, self.pending.pop(ends), *self.early_ends.pop(ends))
        self.partitions[writer] = Stood(part.last, part.last_transfer, walked.link)
        return faults

    def _run(self, faults: Faults, account: int, before: int | None, run: tuple[int, int, int]) -> None:
        if (account, before) in self.early_runs:
            faults.add(promises.AFTER, _forked(account, before, run[1]))
            return
        self.early_runs[account, before] = run
        while True:
            stands, balance = self.accounts.get(account, (None, 0))
            following = self.early_runs.pop((account, stands), None)
            if following is None:
                return
            if following[0] != balance:
                faults.add(
                    promises.AFTER,
                    f"account {account} held {balance} after transfer {stands}, "
                    f"but what follows up to transfer {following[1]} begins at {following[0]}",
                )
            self.accounts[account] = following[1], following[2]

    def _moved(self, faults: Faults, purse: int, before: int | None, last: int) -> None:
        if (purse, before) in self.early_moves:
            faults.add(promises.PURSES, f"transaction {last} follows {before} on its card, as another does")
            return
        self.early_moves[purse, before] = last
        while (following := self.early_moves.pop((purse, self.moves.get(purse)), None)) is not None:
            self.moves[purse] = following

    def read(self, counters: Counters) -> None:
        """These reports hold, and all before them did."""
        self.reports[counters.kiosk, counters.epoch] = min(counters.last, counters.upto)

    def left_over(self) -> Faults:
        """At the end of all parts: what follows something that nobody found."""
        faults = Faults()
        for (account, before), (_, last, _) in self.early_runs.items():
            faults.add(promises.AFTER, _forked(account, before, last))
        for (_, before), last in self.early_moves.items():
            faults.add(
                promises.PURSES,
                f"the card's moves up to transaction {last} follow {before}, which is not the one before",
            )
        for ends, (number, *_) in self.early_ends.items():
            faults.add(
                promises.ENDED, f"transaction {number} ends {ends}, which is not pending or was ended before"
            )
        return faults

    def to_json(self) -> dict[str, Any]:
        """What from_json takes; plain lists, since JSON knows no other keys than texts."""
        return {
            "format": FORMAT,
            "partitions": [
                [writer, stood.transaction, stood.transfer, stood.link.hex()]
                for writer, stood in self.partitions.items()
            ],
            "accounts": [[account, *stands] for account, stands in self.accounts.items()],
            "moves": list(self.moves.items()),
            "counters": list(self.counters.items()),
            "pending": list(self.pending.items()),
            "reports": [[*key, upto] for key, upto in self.reports.items()],
            "early_runs": [[*key, *run] for key, run in self.early_runs.items()],
            "early_moves": [[*key, last] for key, last in self.early_moves.items()],
            "early_ends": [[ends, *how] for ends, how in self.early_ends.items()],
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Whole":
        """KeyError, TypeError, ValueError when it is none of ours."""
        if kept["format"] != FORMAT:
            raise ValueError("another format")
        whole = cls()
        for writer, transaction, transfer, link in kept["partitions"]:
            whole.partitions[writer] = Stood(transaction, transfer, bytes.fromhex(link))
        whole.accounts = {account: (last, balance) for account, last, balance in kept["accounts"]}
        whole.moves = dict(kept["moves"])
        whole.counters = dict(kept["counters"])
        whole.pending = {number: _moves(planned) for number, planned in kept["pending"]}
        whole.reports = {(kiosk, epoch): upto for kiosk, epoch, upto in kept["reports"]}
        whole.early_runs = {(account, before): (*run,) for account, before, *run in kept["early_runs"]}
        whole.early_moves = {(purse, before): last for purse, before, last in kept["early_moves"]}
        whole.early_ends = {
            ends: (number, state, kind, _moves(moved))
            for ends, number, state, kind, moved in kept["early_ends"]
        }
        return whole


def _moves(rows: list[list[int]]) -> Moves:
    return tuple([(debit, credit, amount) for debit, credit, amount in rows])


def _forked(account: int, before: int | None, last: int) -> str:
    return (
        f"transfers of account {account} up to {last} follow transfer {before}, which is not the one before"
    )


def _end(
    faults: Faults, pending: int, planned: Moves, number: int, state: str, kind: str, moved: Moves
) -> None:
    if state == PENDING:
        faults.add(promises.ENDED, f"transaction {number} ends {pending}, but is pending itself")
    elif state == POSTED and moved != planned:
        faults.add(promises.ENDED, f"transaction {number} does not move what transaction {pending} planned")
