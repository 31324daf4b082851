"""Steps that can't be carried out end a scenario with a sentence."""

from pathlib import Path
from types import SimpleNamespace

from simulator.scenario.grammar import parse
from simulator.scenario.player import Player
from simulator.wallet import Wallet


def test_a_card_of_somebody_else_is_not_armed_to_leave_by_itself(tmp_path: Path) -> None:
    wallet = Wallet(tmp_path, seed=1)
    steps = parse("kiosk K1 price 1.00\ncard A foreign\npull A K1 after debit")[1:]
    player = Player(SimpleNamespace(wallet=wallet, kiosks={}))  # type: ignore[arg-type]
    report = player.play(steps)
    assert (report.passed, report.failed) == (0, 1)
    assert "card A has no such moment: it is not a purse" in report.failures[0]
    assert "line 3" in report.failures[0]
