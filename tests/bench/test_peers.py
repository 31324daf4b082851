"""A peer that cannot be had says why; one that fails while it is measured is an error, not a figure."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench import peers
from tests.bench.peers.peer import PeerError, running
from tests.environments import Unavailable

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


def test_hordak_is_skipped_with_a_word(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(home: Path) -> Path:
        raise Unavailable(f"{home.name} cannot be installed: no network")

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
