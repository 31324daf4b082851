"""Large books: in parts, in two processes, stopped and resumed. The parts are made small here."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from host.ledger import verify
from host.ledger.verify import kept, parts, rows
from host.ledger.verify.promises import AFTER, CHAIN
from tests.bench.books_of_size import Writer
from tests.host.ledger.verify.hand import chain_anew, tamper
from tests.host.looks import faults
from tests.host.rig import Shop

CARDS = 7
SALES = 300


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "SIZE", 40)
    monkeypatch.setattr(rows, "STEP", 7)


@pytest.fixture
def writer(shop: Shop, small_parts: None) -> Writer:
    """Sales of some cards at some kiosks."""
    writer = Writer(shop.opened, CARDS, 3)
    writer.add(SALES)
    return writer


@pytest.fixture
def state(shop: Shop) -> Path:
    return shop.opened.data / verify.STATE


class Seen:
    """Takes the progress of a run; stops it after so many parts."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.steps: list[tuple[int, int]] = []
        self._stop_after = stop_after

    def __call__(self, done: int, total: int) -> None:
        self.steps.append((done, total))
        if len(self.steps) == self._stop_after:
            raise KeyboardInterrupt


def broken(result: dict[str, Any]) -> dict[str, str]:
    return {check["name"]: check["detail"] for check in result["checks"] if not check["ok"]}


def test_many_parts_are_put_together(shop: Shop, writer: Writer) -> None:
    seen = Seen()
    result = verify.verify(shop.opened.database, progress=seen)
    assert broken(result) == {} and len(result["cards"]) == CARDS
    assert len(seen.steps) > 10 and seen.steps[-1] == (2 * CARDS + 2 * SALES,) * 2


def test_two_processes_find_what_one_finds(
    shop: Shop, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "LARGE", 0)
    assert broken(verify.verify(shop.opened.database, processes=2)) == {}
    tamper(
        shop,
        "UPDATE transfers SET debit_after = debit_after + 1 WHERE id = 100",
        "UPDATE transactions SET kiosk = 'B9' WHERE id = 200",
        "DELETE FROM reports WHERE counter = 50",
        "DELETE FROM transactions WHERE id = 150",
        "UPDATE accounts SET balance = balance + 1 WHERE kind = 'cash'",
    )
    alone, together = (verify.verify(shop.opened.database, processes=n) for n in (1, 2))
    assert len(broken(alone)) >= 5 and broken(together) == broken(alone)


def test_a_change_between_two_parts_is_found(shop: Shop, writer: Writer) -> None:
    """A balance that is right within each part, but not from one to the next."""
    (number,) = shop.query(
        "SELECT min(id) FROM transfers WHERE transaction_id > 41 AND debit_id = 1 OR credit_id = 1"
        " AND transaction_id > 41"
    )[0]
    own = shop.opened.database._connection()
    last = own.execute("SELECT max(id) FROM transfers").fetchone()[0]
    for transfer in range(number, last + 1):
        own_steps = [
            f"UPDATE transfers SET {side}_after = {side}_after + 5 WHERE id = {transfer} AND {side}_id = 1"
            for side in ("debit", "credit")
        ]
        tamper(shop, *own_steps)
    tamper(shop, "UPDATE accounts SET balance = balance + 5 WHERE id = 1")
    chain_anew(shop, 1)
    assert "but what follows up to transfer" in faults(shop)[AFTER]


def test_a_run_that_was_stopped_goes_on(
    shop: Shop, writer: Writer, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "EVERY_S", 0)
    monkeypatch.setattr(kept, "SHARE", 0)
    first = Seen(stop_after=6)
    with pytest.raises(KeyboardInterrupt):
        verify.verify(shop.opened.database, state=state, progress=first)
    walked = first.steps[-2][0]  # what was kept before it was stopped
    assert 0 < walked < SALES
    second = Seen()
    assert verify.verify(shop.opened.database, state=state, resume=True, progress=second)["ok"]
    assert second.steps[-1][1] <= first.steps[-1][1] - walked


def test_only_what_is_new_is_checked_again(shop: Shop, writer: Writer, state: Path) -> None:
    assert verify.verify(shop.opened.database, state=state)["ok"]
    writer.add(20)
    seen = Seen()
    assert verify.verify(shop.opened.database, state=state, resume=True, progress=seen)["ok"]
    assert 40 <= seen.steps[-1][1] < 60
    tamper(shop, "UPDATE transactions SET who = 'x' WHERE id = 30")
    assert verify.verify(shop.opened.database, state=state, resume=True)["ok"]  # found whole before: believed
    assert set(broken(verify.verify(shop.opened.database, state=state))) == {CHAIN}


def test_new_bookings_go_on_from_what_was_found_before(shop: Shop, writer: Writer, state: Path) -> None:
    assert verify.verify(shop.opened.database, state=state)["ok"]
    before = shop.query("SELECT max(id) FROM transfers")[0][0]
    writer.add(20)
    tamper(shop, f"UPDATE transfers SET debit_before = 1 WHERE id = {before + 1}")
    found = broken(verify.verify(shop.opened.database, state=state, resume=True))
    assert "transfers of account" in found[AFTER] and "follow transfer 1" in found[AFTER]


def test_faults_are_looked_for_again(shop: Shop, writer: Writer, state: Path) -> None:
    tamper(shop, "UPDATE transactions SET who = 'x' WHERE id = 200")
    for _ in range(2):
        assert CHAIN in broken(verify.verify(shop.opened.database, state=state, resume=True))


# A transaction by a number that the database cannot be asked for.
UNASKABLE = (
    b'{"format": 1, "partitions": [[0, %d, 1, ""]], "accounts": [], "moves": [], "counters": [],'
    b' "pending": [], "reports": [], "early_runs": [], "early_moves": [], "early_ends": []}'
)


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[]", b"{}", b'{"format": 2}', b"\xff", b"null", b"[" * 100_000),
        b'{"format": 1, "partitions": [[0, 1]]}',
        UNASKABLE % 2**64,
    ],
)
def test_a_state_that_is_none_begins_anew(shop: Shop, writer: Writer, state: Path, content: bytes) -> None:
    state.write_bytes(content)
    seen = Seen()
    assert verify.verify(shop.opened.database, state=state, resume=True, progress=seen)["ok"]
    assert seen.steps[-1][1] == 2 * CARDS + 2 * SALES
    assert json.loads(state.read_bytes())["format"] == 1


def test_a_state_of_other_books_begins_anew(shop: Shop, writer: Writer, state: Path) -> None:
    assert verify.verify(shop.opened.database, state=state)["ok"]
    tamper(shop, "UPDATE transactions SET happened_s = 1 WHERE id = 100")
    chain_anew(shop, 100)
    seen = Seen()
    verify.verify(shop.opened.database, state=state, resume=True, progress=seen)
    assert seen.steps[-1][1] == 2 * CARDS + 2 * SALES


@pytest.mark.parametrize("processes", [1, 2])
def test_what_is_booked_meanwhile_is_left_for_the_next_run(
    shop: Shop, writer: Writer, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    """Between the moment that is read and the walk, the writer goes on."""
    monkeypatch.setattr(verify, "LARGE", 0)
    seen = Seen()

    def meanwhile(done: int, total: int) -> None:
        if not seen.steps:
            booking = threading.Thread(target=writer.add, args=(20,))
            booking.start()
            booking.join()
        seen(done, total)

    assert broken(verify.verify(shop.opened.database, processes=processes, progress=meanwhile)) == {}
    assert shop.query("SELECT count(*) FROM reports") == [(SALES + 20,)]
    assert faults(shop) == {}


def test_two_writers_on_the_same_accounts_hold(shop: Shop, writer: Writer) -> None:
    """As several workers of one PostgreSQL do, batch by batch."""
    for turn in (1, 0, 2, 1):
        shop.opened.database.writer = turn
        writer.add(25)
    assert shop.query("SELECT writer FROM chains ORDER BY writer") == [(0,), (1,), (2,)]
    assert faults(shop) == {}
    tamper(shop, "UPDATE transfers SET credit_after = 1 WHERE id = (SELECT max(id) FROM transfers)")
    assert AFTER in faults(shop)
