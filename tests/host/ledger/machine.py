"""Whatever can be asked of the ledger, in any order, asked of it and of its model: see test_model.py."""

import copy
import itertools
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from host import clock
from host.db.engine import Database
from host.ledger import books, chain, corrections, loads, lots, purse, terms
from host.ledger.asked import state_of
from host.ledger.books import Books
from host.ledger.purse import CardMove
from host.ledger.terms import LedgerError, Transfer, Why
from tests.host.ledger import audit
from tests.host.ledger.asked import (
    ACCOUNTS,
    KNOWN,
    POINTS,
    STRANGER,
    Abandoned,
    amounts,
    cards,
    counters,
    fair,
    references,
    transfers,
)
from tests.host.ledger.model import Model, No

WHO = "operator:desk"
_examples = itertools.count(1)


class Machine(RuleBasedStateMachine):
    """One example: a partition of its own, and accounts that no other example touches but `issued`."""

    database: Database
    reader: Database

    @initialize()
    def begin(self) -> None:
        self.number = next(_examples)
        self.base = chain.first_number(self.number)
        self.now_s = 2_000_000_000 - self.number * 10_000  # lots that earlier examples left never expire
        self.database = Database(self.database.where, writer=self.number)
        self.ids: dict[str, int] = {}
        opened: dict[str, list[Any]] = {}
        with books.book(self.database) as work:
            for name, (kind, unit) in ACCOUNTS.items():
                self._open(work, opened, name, f"{self.number}:{name}", kind, unit)
            for unit in ("points", "vouchers"):
                self._open(work, opened, f"issued {unit}", "house", "issued", unit)
            self._open(work, opened, "given", "house", "given", "CNY")
            self._open(work, opened, "drawer", "house", "cash", "CNY")
            self._open(work, opened, "sales", f"kiosk:{self.number}", "sales", "CNY")
            for card in (KNOWN, STRANGER):
                found = purse.open_(work, self._uid(card), 1, known=card == KNOWN)
                self._name(work, opened, f"card {card}", found.account_id)
        self.committed = Model(opened)
        self.committed.counters = {KNOWN: {}, STRANGER: {}}
        self._enter()

    def teardown(self) -> None:
        if hasattr(self, "unit"):
            self._leave(Abandoned())
            self.agree()
            self.database.close()

    @rule(reference=references, asked=st.one_of(fair, transfers))
    def post(self, reference: int | None, asked: list[Any]) -> None:
        name = self._named("correction", reference)
        self._same(
            lambda model: model.post(name, asked),
            lambda work: work.post(self._why("correction", reference), self._transfers(asked)),
        )

    @rule(reference=references, asked=st.one_of(fair, transfers))
    def plan(self, reference: int | None, asked: list[Any]) -> None:
        name = self._named("load", reference)
        self._same(
            lambda model: model.plan(name, asked),
            lambda work: work.plan(self._why("load", reference), self._transfers(asked)),
        )

    @rule(pick=st.integers(0, 20), state=st.sampled_from([terms.POSTED, terms.VOIDED, terms.EXPIRED]))
    def end(self, pick: int, state: str) -> None:
        row = self._row(pick)
        self._same(
            lambda model: model.end(row, state),
            lambda work: work.end(self.base + row, state, self._why("load", None)),
        )

    @rule(pick=st.integers(0, 20))
    def reverse(self, pick: int) -> None:
        row = self._row(pick)
        self._same(
            lambda model: model.reverse(row),
            lambda work: corrections.reverse(work, self.base + row, WHO),
        )

    @rule(account=st.sampled_from(POINTS), amount=amounts, lasts_s=st.one_of(st.none(), st.integers(0, 40)))
    def earn(self, account: str, amount: Any, lasts_s: int | None) -> None:
        expires_s = None if lasts_s is None else self.now_s + lasts_s
        issued = f"issued {ACCOUNTS[account][1]}"

        def in_model(model: Model) -> int:
            row = model.post(None, [(issued, account, amount)])
            model.lots.append([account, amount, expires_s])
            return row

        self._same(
            in_model,
            lambda work: lots.earn(work, self._why("earn", None), self.ids[account], amount, expires_s),
        )

    @rule(account=st.sampled_from(POINTS), amount=amounts, reference=references)
    def spend(self, account: str, amount: Any, reference: int | None) -> None:
        issued = f"issued {ACCOUNTS[account][1]}"
        usable = lambda lot: lot[0] == account and (lot[2] is None or lot[2] > self.now_s)  # noqa: E731
        name = self._named("spend", reference)
        self._same(
            lambda model: model.use(
                name, account, [lot for lot in model.lots if usable(lot)], issued, amount
            ),
            lambda work: lots.spend(work, self._why("spend", reference), self.ids[account], amount),
        )

    @rule()
    def expire(self) -> None:
        def in_model(model: Model) -> int:
            due = [lot for lot in model.lots if lot[1] and lot[2] is not None and lot[2] <= self.now_s]
            for lot in sorted(due, key=lambda lot: lot[2]):
                model.use(None, lot[0], [lot], f"issued {ACCOUNTS[lot[0]][1]}", lot[1])
            return len(due)

        self._same(in_model, lambda work: self.base + len(lots.expire(work, WHO)))

    @rule(card=cards, tmc=counters, amount=st.integers(1, 400), value=st.integers(0, 500))
    def sell(self, card: int, tmc: int, amount: int, value: int) -> None:
        move = CardMove(self._uid(card), 1, tmc, -amount, value)

        def in_model(model: Model) -> int:
            paid = amount
            if f"bonus {card}" in model.accounts:
                principal = max(model.accounts[f"card {card}"][2], 0)
                paid = amount - min(model.accounts[f"bonus {card}"][2], max(amount - principal, 0))
            parts = [(f"card {card}", "sales", paid), (f"bonus {card}", "sales", amount - paid)]
            asked = [part for part in parts if part[2]]
            return model.take(card, tmc, value, lambda: model.post(None, asked, by_report=True))

        def really(work: Books) -> int:
            found = purse.open_(work, move.uid, 1, known=card == KNOWN)
            return purse.book_sale(work, "sale", found, move, str(self.number), self.now_s)

        self._same(in_model, really)

    @rule(tmc=counters, change=st.integers(1, 500), bonus=st.integers(0, 500), value=st.integers(0, 500))
    def load(self, tmc: int, change: int, bonus: int, value: int) -> None:
        """Plan a top-up of the known card and post it, or void it when the books hold its counter."""
        given = min(bonus, change)
        move = CardMove(self._uid(KNOWN), 1, tmc, change, value)

        def in_model(model: Model) -> int:
            if given:
                model.accounts.setdefault("bonus 0", ["CNY", "never", 0])
            parts = [("drawer", "card 0", change - given), ("given", "bonus 0", given)]
            row = model.plan(None, [part for part in parts if part[2]])
            try:
                return model.take(KNOWN, tmc, value, lambda: model.end(row, "posted"))
            except No:
                return model.end(row, "voided")

        def really(work: Books) -> int:
            row = loads.plan_load(work, move, WHO, self.now_s, given)
            try:
                loads.post_load(work, row, move, WHO)
            except terms.AlreadyBooked:
                loads.void_load(work, row, WHO)
            bonus_id = purse.open_(work, move.uid, 1, known=True).bonus_id
            if bonus_id is not None:
                self.ids["bonus 0"] = bonus_id
            return row + 1

        self._same(in_model, really)

    @rule(by_s=st.integers(-20, 30))
    def clock_moves(self, by_s: int) -> None:
        self._leave(None)
        self.now_s += by_s
        self._enter()

    @rule()
    def flush(self) -> None:
        self.work.flush()

    @rule(error=st.sampled_from([None, Abandoned()]))
    def leave(self, error: Exception | None) -> None:
        """Commit, or abandon what was decided."""
        self._leave(error)
        self.agree()
        self._enter()

    # -- what must hold -------------------------------------------------------------------------------------

    @invariant()
    def balances_so_far(self) -> None:
        """In the unit of work, before anything is written."""
        if not hasattr(self, "work"):
            return
        for name, (_, _, balance) in self.model.accounts.items():
            assert self.work.account(self.ids[name]).balance == balance, name
        for card, booked in self.model.counters.items():
            found = self.work.purses[self.ids[f"card {card}"]]
            highest = max(booked, default=0)
            assert (found.tmc, found.missing) == (highest, highest - len(booked))
            assert found.value_fen == booked.get(highest, 0)
            gaps = purse.gaps(self.work.connection, found.account_id)
            missing = [tmc for first, last in gaps for tmc in range(first, last + 1)]
            assert missing == sorted(set(range(1, highest)) - set(booked))

    def agree(self) -> None:
        """What is in the books is what the model committed, as another connection sees it."""
        model = self.committed
        with self.reader.read() as connection:
            for name, (_, _, balance) in model.accounts.items():
                row = connection.execute("SELECT balance FROM accounts WHERE id = ?", (self.ids[name],))
                assert row.fetchone()[0] == balance, name
            for row, state in model.states.items():
                assert state_of(connection, self.base + row) == state
            left = connection.execute(
                "SELECT coalesce(sum(remaining), 0) FROM lots WHERE transfer_id > ? AND transfer_id <= ?",
                (self.base, self.base + (1 << chain.WRITER_BITS) - 1),
            ).fetchone()[0]
            assert left == sum(lot[1] for lot in model.lots)
            for card, booked in model.counters.items():
                for tmc, value in booked.items():
                    held = purse.moved(connection, self._uid(card), 1, tmc)
                    assert held is not None and held[1].value_after_fen == value
            audit.sums(connection)
            assert audit.links(connection, self.number) == self.base + model.rows

    def _same(self, in_model: Callable[[Model], int], really: Callable[[Books], int]) -> None:
        """Both do it, or both refuse it by the same name and nothing has changed."""
        tried = copy.deepcopy(self.model)
        try:
            expected: object = in_model(tried)
            self.model = tried
        except No as refused:
            expected = str(refused)
        try:
            found: object = really(self.work) - self.base
        except LedgerError as error:
            found = type(error).__name__
        assert found == expected

    def _enter(self) -> None:
        clock.now_s = lambda: self.now_s
        self.model = copy.deepcopy(self.committed)
        self.unit = books.book(self.database)
        self.work = self.unit.__enter__()
        self.work.load([self.ids[f"card {card}"] for card in (KNOWN, STRANGER)])

    def _leave(self, error: Exception | None) -> None:
        assert not self.unit.__exit__(error and type(error), error, None)
        if error is None:
            self.committed = self.model
        del self.work

    def _open(self, work: Books, opened: dict[str, list[Any]], name: str, *account: str) -> None:
        self._name(work, opened, name, work.open_(*account))

    def _name(self, work: Books, opened: dict[str, list[Any]], name: str, number: int) -> None:
        found = work.account(number)
        self.ids[name] = number
        opened[name] = [found.unit, found.below_zero, found.balance]

    def _uid(self, card: int) -> bytes:
        return (self.number * 2 + card).to_bytes(7, "big")

    def _row(self, pick: int) -> int:
        """The pick-th newest row, sometimes one that is not there."""
        return self.model.rows + 1 - pick

    def _named(self, kind: str, reference: int | None) -> tuple[str, int] | None:
        return None if reference is None else (kind, reference)

    def _why(self, kind: str, reference: int | None) -> Why:
        return Why(kind, None if reference is None else f"{self.number}.{reference}", WHO, self.now_s)

    def _transfers(self, asked: list[Any]) -> list[Transfer]:
        return [Transfer(self._id(debit), self._id(credit), amount) for debit, credit, amount in asked]

    def _id(self, name: str) -> int:
        return self.ids.get(name, 10**15)
