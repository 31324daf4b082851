"""Cards outlive the simulator: what a real card would keep is in the file at every step."""

import json
from pathlib import Path

import pytest

from simulator.card import DesfireCard
from simulator.wallet import Wallet, WalletError


def test_cards_come_back_with_their_names(tmp_path: Path) -> None:
    wallet = Wallet(tmp_path, seed=1)
    purse = wallet.add_blank("李雷")
    foreign = wallet.add_foreign("外来卡")
    again = Wallet(tmp_path, seed=1)

    assert [held.name for held in again] == ["李雷", "外来卡"]
    assert again["李雷"].uid == purse.uid
    assert again["外来卡"].card.dump() == foreign.card.dump()
    assert again["李雷"].value_fen() is None
    assert not again["李雷"].ready


def test_a_change_on_the_card_is_in_its_file_at_once(tmp_path: Path) -> None:
    held = Wallet(tmp_path, seed=1).add_blank("A")
    assert isinstance(held.card, DesfireCard)
    held.card.enter_field()
    answer = held.card.exchange(bytes.fromhex("90ca000005015054" + "0b84" + "00"))
    assert answer == b"\x91\x00"
    again = Wallet(tmp_path, seed=1)["A"].card
    assert isinstance(again, DesfireCard)
    assert b"\x01\x50\x54" in again.chip.state.applications


def test_a_seed_gives_the_same_uids_and_none_gives_others(tmp_path: Path) -> None:
    uids = {Wallet(tmp_path / name, seed=7).add_blank("A").uid for name in "ab"}
    assert len(uids) == 1
    uids = {Wallet(tmp_path / name).add_blank("A").uid for name in "cd"}
    assert len(uids) == 2


def test_a_name_is_given_once(tmp_path: Path) -> None:
    wallet = Wallet(tmp_path)
    wallet.add_blank("A")
    with pytest.raises(WalletError, match="a card A already"):
        wallet.add_foreign("A")


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"name": "A", "kind": "gold", "ready": true, "card": {}}', "\xff",
     json.dumps({"name": "A", "kind": "purse", "ready": True, "number": 0, "card": {"kind": "desfire"}})],
)  # fmt: skip
def test_a_damaged_card_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.json").write_text(content, encoding="latin-1")
    with pytest.raises(WalletError, match=r"x\.json holds no card"):
        Wallet(tmp_path)
