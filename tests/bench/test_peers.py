"""A peer that cannot be had says why; one that fails while it is measured is an error, not a figure."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench import peers
from tests.bench.peers.environment import HERE, Unavailable, python_of
from tests.bench.peers.peer import PeerError, running

ECHO = """
import json, sys
url = sys.stdin.readline().strip()
for line in sys.stdin:
    way, count = line.split()
    if way == "fail":
        sys.exit("no such way at " + url)
    print(json.dumps({"seconds": int(count) / 10}), flush=True)
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "echo.py"
    path.write_text(ECHO)
    return path


def test_a_peer_answers_each_line(program: Path) -> None:
    with running(Path(sys.executable), program, "postgresql://somewhere") as peer:
        assert peer.seconds("plain", 20) == 2.0
        assert peer.seconds("locked", 5) == 0.5
        process = peer._process
    assert process.poll() is not None


def test_a_peer_that_ends_is_quoted_whenever_it_is_asked(program: Path) -> None:
    sentence = r"echo\.py ended at 'fail': no such way at postgresql://somewhere"
    with running(Path(sys.executable), program, "postgresql://somewhere") as peer:
        for _ in range(2):
            with pytest.raises(PeerError, match=sentence):
                peer.seconds("fail", 1)


def test_every_package_of_a_peer_is_pinned() -> None:
    files = list(HERE.glob("*/requirements.txt"))
    assert files
    for file in files:
        lines = [line for line in file.read_text().splitlines() if not line.startswith("#")]
        assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []


def test_what_cannot_be_installed_is_unavailable_and_leaves_no_mark(tmp_path: Path) -> None:
    missing = tmp_path / "requirements.txt"
    missing.write_text(f"{tmp_path}/no-such-package\n")
    with pytest.raises(Unavailable, match=r"^none cannot be installed: .*no-such-package"):
        python_of("none", tmp_path / "build", missing)
    assert not (tmp_path / "build" / "none" / "installed").exists()


def test_an_environment_is_made_once_and_again_when_its_pins_change(tmp_path: Path) -> None:
    pins = tmp_path / "requirements.txt"
    pins.write_text("# nothing\n")
    python = python_of("empty", tmp_path / "build", pins)
    kept = python.parent.parent / "kept"
    kept.touch()
    assert python_of("empty", tmp_path / "build", pins) == python
    assert kept.exists()
    pins.write_text("# still nothing, in other words\n")
    assert python_of("empty", tmp_path / "build", pins) == python
    assert not kept.exists()


def test_hordak_is_skipped_with_a_word(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(name: str) -> Path:
        raise Unavailable(f"{name} cannot be installed: no network")

    monkeypatch.setattr(peers, "python_of", unavailable)
    assert peers.hordak(postgres_url) == "hordak cannot be installed: no network"


def test_turns_are_taken_in_rounds_and_the_first_round_does_not_count() -> None:
    order = []

    def turn(name: str, seconds: list[float]) -> Callable[[int], float]:
        def run(count: int) -> float:
            order.append((name, count))
            return seconds.pop(0)

        return run

    turns = {"ours": turn("ours", [9, 1, 2, 4]), "theirs": turn("theirs", [9, 10, 10, 10])}
    assert peers.interleaved(turns, rounds=3, count=20) == {"ours": 10, "theirs": 2}
    assert order == [("ours", 20), ("theirs", 20)] * 4
