"""A world that does not start says why and lets go of its folder."""

from pathlib import Path

import pytest

from simulator.card import DesfireCard
from simulator.child import ChildError
from simulator.counter import DESK_TRIES
from simulator.host import HostRefusal
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


def test_a_clerk_puts_a_card_back_that_left_too_early_and_gives_up_on_one_that_always_does(
    tmp_path: Path,
) -> None:
    with World(tmp_path, seed=1) as world:
        held = world.wallet.add_blank("A")
        assert isinstance(held.card, DesfireCard)
        held.card.arm_pull("auth")
        world.issue(held, 700)
        known = world.host_card(held)
        assert known is not None and (known["state"], known["balance_fen"]) == ("active", 700)
        asked = []
        for never in ("card-gone", "stock"):

            def post(path: str, never: str = never, **body: object) -> None:
                asked.append(never)
                raise HostRefusal(409, never, "no")

            world.host.post = post  # type: ignore[method-assign]
            with pytest.raises(HostRefusal):
                world.at_desk(held.card, "/cards")
            assert not held.card.in_field
        assert asked == ["card-gone"] * DESK_TRIES + ["stock"]


def test_two_worlds_do_not_share_a_folder(tmp_path: Path) -> None:
    with World(tmp_path):
        with pytest.raises(WorldError, match="another simulator is running on"), World(tmp_path):
            pass
        with (
            pytest.raises(ChildError, match="no MQTT broker is called 'smoke'"),
            World(tmp_path / "b", broker="smoke"),
        ):
            pass
