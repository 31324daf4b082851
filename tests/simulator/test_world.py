"""A world that does not start says why and lets go of its folder."""

from pathlib import Path

import pytest

from simulator.child import ChildError
from simulator.wallet import WalletError
from simulator.world import World, WorldError


def test_a_firmware_that_can_not_be_built_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.world._FIRMWARE_TIMEOUT_S", 0.001)
    with pytest.raises(ChildError, match="the firmware image can't be built"), World(tmp_path):
        pass


def test_a_world_that_does_not_start_lets_go_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "x.json").write_text("{}")
    for _ in range(2):
        with pytest.raises(WalletError, match=r"x\.json"), World(tmp_path):
            pass


def test_two_worlds_do_not_share_a_folder(tmp_path: Path) -> None:
    with World(tmp_path):
        with pytest.raises(WorldError, match="another simulator is running on"), World(tmp_path):
            pass
        with (
            pytest.raises(ChildError, match="no MQTT broker is called 'smoke'"),
            World(tmp_path / "b", broker="smoke"),
        ):
            pass
