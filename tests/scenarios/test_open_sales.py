"""As many open sales as a kiosk remembers: cards come back in any order, at two kiosks; none pays twice."""

import random
from pathlib import Path

from tests.scenarios.test_scenarios import last_line, play

CARDS = 64  # OPEN_MAX of firmware/kiosk/journal.py
SEED = 20
TIMEOUT_S = 900  # two taps a card, by real processes, on a machine that has other work


def scenario() -> list[str]:
    """Each card leaves with its commit, and the answer is lost. Two in three come back to the same kiosk,
    which says that they have paid; the others buy at another one, whose sale proves the open one."""
    cards = [f"C{n}" for n in range(CARDS)]
    lines = ["kiosk K1 price 25.00", "kiosk K2 price 25.00", "card A account balance 100.00"]
    lines += [f"card {card} purse balance 100.00" for card in cards]
    for card in cards:
        lines += [f"pull {card} K1 after commit-sent", f"tap {card} K1", "expect unknown K1"]
    lines += ["settle", "tap A K1", "expect paid K1"]  # what the host decides closes none of them
    random.Random(SEED).shuffle(cards)
    left = {}
    for at, card in enumerate(cards):
        kiosk, left[card] = ("K2", "50.00") if at % 3 == 2 else ("K1", "75.00")
        lines += [f"tap {card} {kiosk}", f"expect paid {kiosk}"]
        if at == CARDS // 2:
            lines += ["power K1 cut", "power K1 on"]
    lines += ["settle", "expect ledger A 75.00"]
    for card, balance in left.items():
        lines += [f"expect ledger {card} {balance}", f"expect card {card} {balance}"]
    return [*lines, "expect journal K1 0", "expect journal K2 0", "verify"]


def test_sixty_four_cards_come_back_in_any_order_and_none_pays_twice(tmp_path: Path) -> None:
    lines = scenario()
    path = tmp_path / "open_sales.scn"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = play("-v", path, timeout_s=TIMEOUT_S)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    expects = [line for line in lines if line.split()[0] in ("expect", "verify")]
    assert last_line(done) == f"{len(expects)} passed, 0 failed"
