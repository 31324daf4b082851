from pathlib import Path

import pytest

from simulator.broker import find_mosquitto
from tests.drain.shop import three_days


def test_three_days_without_a_network_are_told_when_it_is_back(tmp_path: Path) -> None:
    if find_mosquitto() is None:
        pytest.skip("needs apt package mosquitto")
    said: list[str] = []
    found = three_days(tmp_path / "shop", sales=48, note=said.append)
    assert (found.records, said[-1]) == (48, "66 h: 44 sales")
