"""Child processes start, say why not, stop, and die with their simulator even when it is killed."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.child import ROOT, Child, ChildError, run_to_end
from simulator.leash import Leash
from tests.waiting import gone, until

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('up', flush=True); time.sleep(60)",
]
SIMULATOR = """
import sys, time
from pathlib import Path
from simulator.child import Child
from simulator.leash import Leash
child = Child("sleeper", Path(sys.argv[1]), Leash())
child.start(sys.argv[2:])
print(child._process.pid, flush=True)
time.sleep(60)
"""


def test_a_child_writes_its_log_and_stops(tmp_path: Path, leash: Leash) -> None:
    child = Child("sleeper", tmp_path / "log", leash)
    child.start(SLEEPER)
    until(lambda: child.last_words() == "up")
    assert child.alive
    child.stop()
    assert not child.alive
    child.stop()


def test_a_program_that_is_not_there_is_named(tmp_path: Path, leash: Leash) -> None:
    with pytest.raises(ChildError, match="the broker does not start"):
        Child("the broker", tmp_path / "log", leash).start([str(tmp_path / "missing")])


def test_kill_ends_even_what_ignores_sigterm(tmp_path: Path, leash: Leash) -> None:
    child = Child("stubborn", tmp_path / "log", leash)
    child.start(STUBBORN)
    until(lambda: child.last_words() == "up")
    child.kill()
    assert not child.alive


def test_a_program_run_to_its_end_gives_its_output_or_a_sentence(tmp_path: Path) -> None:
    speaks = [sys.executable, "-c", "import sys; print('out'); sys.exit('worse\\nlast')"]
    assert run_to_end("count", speaks, 20, good=(0, 1)) == "out\n"
    for argv, timeout_s, sentence in (
        (speaks, 20, "^count: last$"),
        ([sys.executable, "-c", "raise SystemExit(3)"], 20, "^count: no reason given$"),
        (SLEEPER, 0.1, "^count: it took longer than 0.1 s$"),
        ([str(tmp_path / "missing")], 20, "^count: .*missing"),
    ):
        with pytest.raises(ChildError, match=sentence):
            run_to_end("count", argv, timeout_s)


@pytest.mark.parametrize("argv", [SLEEPER, STUBBORN], ids=["sleeper", "stubborn"])
def test_children_die_with_a_killed_simulator(tmp_path: Path, argv: list[str]) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SIMULATOR, str(tmp_path / "log"), *argv], cwd=ROOT, stdout=subprocess.PIPE
    ) as simulator:
        assert simulator.stdout is not None
        pid = int(simulator.stdout.readline())
        until(lambda: (tmp_path / "log").read_text().strip() == "up")
        assert not gone(pid)
        simulator.send_signal(signal.SIGKILL)
    until(lambda: gone(pid))


def test_a_released_group_is_left_alone() -> None:
    made = Leash()
    other = subprocess.Popen(SLEEPER, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        made.hold(other.pid)
        made.release(other.pid)
        made.close()
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()
