"""Blank cards, card numbers and the list of cards at the command line."""

from pathlib import Path

import pytest

from host.keys import PASSPHRASE
from tests.host.process import refuses, run
from tests.host.rig import Shop, blank


@pytest.fixture
def cards(data: Path, shop: Shop) -> tuple[str, ...]:
    return ("--data", str(data), "--passphrase-file", str(data / PASSPHRASE))


def said(*arguments: str) -> list[str]:
    done = run(*arguments)
    assert (done.returncode, done.stderr.replace("passphrase: from now on\n", "")) == (0, "")
    return done.stdout.splitlines()


def test_a_batch_goes_to_a_desk_which_makes_a_card_of_it(
    data: Path, shop: Shop, cards: tuple[str, ...], tmp_path: Path
) -> None:
    made, listed = blank(), tmp_path / "uids"
    listed.write_text(f"{made.uid.hex(':')}\n\n{blank().uid.hex()}\n")
    assert said("cards", "stock", "add", "one", "--supplier", "Card Co", "--uids", str(listed), *cards) == [
        "2 blank cards of “one” are in stock."
    ]
    listed.write_text(made.uid.hex())
    assert said("cards", "stock", "issue", "one", "--desk", "desk", "--uids", str(listed), *cards) == [
        "1 cards of “one”: handed out to a desk, unused."
    ]
    assert said("cards", "numbers", "{region} {seq:5}", "--region", "755", *cards) == [
        "{region} {seq:5}  for example 755 00001"
    ]
    shop.desk(made).issue(700)
    at = ("--data", str(data))
    assert said("cards", "stock", "list", *at) == ["one  Card Co  2: 1 blank, 1 used, 0 scrapped"]
    assert said("cards", "list", *at) == [f"755 00001  {made.uid.hex().upper()}  purse  active"]
    assert said("cards", "list", "--state", "lost", *at) == []
    for name in ("755 00001", made.uid.hex()):
        shown = said("cards", "show", name, *at)
        assert "balance_fen  700" in shown and shown[-1].split("  ")[2:] == ["active", "operator:desk"]


def test_what_is_asked_wrongly_is_one_sentence(cards: tuple[str, ...], data: Path, tmp_path: Path) -> None:
    listed = tmp_path / "uids"
    add = ("cards", "stock", "add", "one", "--supplier", "Card Co")
    assert "one of both" in refuses(4, *add, *cards)
    assert "cannot be read" in refuses(4, *add, "--uids", str(listed), *cards)
    for content, reason in (("", "holds no UID"), ("zz", "line 1"), ("04112233\n041122", "line 2")):
        listed.write_text(content)
        assert reason in refuses(4, *add, "--uids", str(listed), *cards)
    assert "There is no batch" in refuses(4, "cards", "stock", "issue", "none", "--count", "1", *cards)
    assert "two things" in refuses(4, "cards", "stock", "issue", "x", "--back", "--scrap", *cards)
    assert "is no scheme" in refuses(4, "cards", "numbers", "{seq}", *cards)
    assert "There is no card" in refuses(4, "cards", "show", "755 1", "--data", str(data))
    wrong = tmp_path / "wrong"
    wrong.write_text("not the passphrase")
    proof = ("--data", str(data), "--passphrase-file", str(wrong))
    assert "does not open" in refuses(4, *add, "--count", "3", *proof)
    assert said("cards", "stock", "list", "--data", str(data)) == []
