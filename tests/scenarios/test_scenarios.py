"""The project's scenarios, played as a user plays them: one command, real processes throughout."""

import subprocess
import sys
from pathlib import Path

import pytest

from simulator.broker import find_mosquitto

ROOT = Path(__file__).parents[2]
SCENARIOS = sorted((ROOT / "tests" / "data" / "scenarios").glob("*.scn"))
TIMEOUT_S = 150

# Power goes at each flash operation of a sale. What the card says in the end is what the books say.
POWER_CUT = """
kiosk K1 price 25.00
card A purse balance 100.00
power K1 cut at flash-op {operation}
tap A K1
power K1 cut
power K1 on
settle
tap A K1
expect paid K1
settle
verify
"""


def play(*arguments: str | Path, timeout_s: float = TIMEOUT_S) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "simulator", "scenario", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout_s,
    )


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario(path: Path) -> None:
    done = play("-v", path)
    assert done.returncode == 0, done.stdout + done.stderr
    expects = [line for line in path.read_text().splitlines() if line.split()[:1] in (["expect"], ["verify"])]
    assert last_line(done) == f"{len(expects)} passed, 0 failed"


def test_a_scenario_with_certificates_on_every_line() -> None:
    if find_mosquitto() is None:
        pytest.skip("needs apt package mosquitto")
    done = play("-v", "--broker", "mosquitto-tls", ROOT / "tests" / "data" / "scenarios" / "broker_down.scn")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("operation", range(1, 6))
def test_power_goes_at_each_flash_operation_of_a_sale(tmp_path: Path, operation: int) -> None:
    path = tmp_path / "power.scn"
    path.write_text(POWER_CUT.format(operation=operation))
    done = play("-v", path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_failure_names_line_expected_found_and_screen(tmp_path: Path) -> None:
    path = tmp_path / "wrong.scn"
    path.write_text(
        "kiosk K1 price 25.00\ncard A purse balance 1.00\ntap A K1\nexpect paid K1\nexpect card A 1.00\n"
    )
    done = play(path)
    assert done.returncode == 1
    assert f"{path}: line 4: expect paid K1" in done.stdout
    assert "expected: paid" in done.stdout
    assert "found:    refused" in done.stdout
    assert "screen K1: ×未扣款" in done.stdout
    assert last_line(done) == "1 passed, 1 failed"


def test_verify_sees_a_card_that_the_books_do_not_follow(tmp_path: Path) -> None:
    path = tmp_path / "cut.scn"
    path.write_text(
        "kiosk K1 price 25.00\ncard A purse balance 100.00\n"
        "network K1 cut\ntap A K1\nexpect paid K1\nverify\n"
    )
    done = play(path)
    assert done.returncode == 1
    assert "card A holds 75.00, its shadow is 100.00" in done.stdout


def test_a_step_that_can_not_be_done_ends_its_scenario(tmp_path: Path) -> None:
    path = tmp_path / "stuck.scn"
    path.write_text("kiosk K1 price 25.00\nhost kill\ncard A purse balance 1.00\nverify\n")
    done = play(path)
    assert done.returncode == 1
    assert "line 3: card A purse balance 1.00" in done.stdout
    assert "the host does not answer POST /cards" in done.stdout
    assert last_line(done) == "0 passed, 1 failed"


def test_nothing_runs_when_any_file_can_not_be_read(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.scn", tmp_path / "bad.scn"
    good.write_text("kiosk K1 price 25.00\nverify\n")
    bad.write_text("kiosk K1 price 25.00\n\ntap A K1 amount 5.00\n")
    done = play(good, bad)
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"{bad}: line 3: expected a card that a line above makes, found 'A'" in done.stderr


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "expected a file that can be read"),
        (b"kiosk K1 price 25.00\n# \xff\n", "line 2: expected text in UTF-8"),
    ],
    ids=["missing", "not UTF-8"],
)
def test_a_file_that_is_no_text_is_named(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    path = tmp_path / "x.scn"
    if content is not None:
        path.write_bytes(content)
    done = play(path)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
