"""A world that does not start says why."""

from pathlib import Path

import pytest

from simulator.child import ChildError
from simulator.world import World


def test_a_firmware_that_can_not_be_built_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.world._FIRMWARE_TIMEOUT_S", 0.001)
    with pytest.raises(ChildError, match="the firmware image can't be built"), World(tmp_path):
        pass
