"""The rounds that always run; `make crash` plays as many as you like."""

from pathlib import Path

import pytest

from host.cards.keeper import sealed
from simulator.postgres_programs import found_programs
from tests.crash.__main__ import crash

SEED = 20261126
ROUNDS = {"sqlite": 28, "postgres": 12}


@pytest.mark.parametrize("engine", ROUNDS)
def test_nothing_acknowledged_is_lost_and_nothing_is_booked_twice(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine == "postgres" and not found_programs():
        pytest.skip("needs apt package postgresql")
    monkeypatch.setattr(sealed, "KDF", {**sealed.KDF, "iterations": 1, "memory_kib": 64})
    killed = crash(tmp_path, engine, None, SEED, ROUNDS[engine])
    assert set(killed) == {"intake", "supervisor", "broker"} | (
        {"database"} if engine == "postgres" else set()
    )
