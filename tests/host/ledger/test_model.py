"""The ledger does what a model of plain dicts does, whatever is asked of it in whatever order.

TAPLEDGER_EXAMPLES=2000 makes a longer search than the fixed one that always runs.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from host import clock
from host.db import engine
from host.db.engine import Database
from host.ledger import books, terms
from host.ledger.terms import Transfer, Why
from tests.host.ledger import audit
from tests.host.ledger.machine import WHO, Machine

EXAMPLES = int(os.environ.get("TAPLEDGER_EXAMPLES", "30"))
STEPS = 50


@pytest.fixture
def still_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(clock, "now_s", clock.now_s)  # set by the machine, and given back here
    yield


@pytest.mark.usefixtures("still_clock")
def test_the_ledger_does_what_its_model_does(place: Path | str) -> None:
    class OnThese(Machine):
        database = engine.create_or_open(place)
        reader = Database(place, read_only=True)

    given = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        derandomize="TAPLEDGER_EXAMPLES" not in os.environ,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(OnThese, settings=given)
    with OnThese.reader.read() as connection:
        audit.audit(connection)
    OnThese.reader.close()


def test_what_was_refused_leaves_its_name_free(place: Path | str) -> None:
    with books.book(engine.create_or_open(place)) as work:
        cash, refunds = work.open_("house", "cash"), work.open_("house", "refunds")
        why = Why("load", "1", WHO, 0)
        with pytest.raises(terms.Overdraft):
            work.post(why, [Transfer(refunds, cash, 1)])
        work.post(why, [Transfer(cash, refunds, 1)])
        with pytest.raises(terms.AlreadyBooked):
            work.post(why, [Transfer(cash, refunds, 1)])
