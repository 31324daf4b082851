"""The clock is the machine's, or ahead of it by what a simulator's file says."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from host import clock


@pytest.mark.parametrize(
    ("content", "ahead_s"), [("86400", 86400), ("0\n", 0), ("-5", -5), ("", 0), ("soon", 0), (None, 0)]
)
def test_a_file_says_how_far_ahead_it_is(tmp_path: Path, content: str | None, ahead_s: int) -> None:
    file = tmp_path / "clock"
    if content is not None:
        file.write_text(content)
    assert clock.ahead_s(str(file)) == ahead_s


def test_it_is_read_anew_each_time_where_the_environment_names_it(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("1000000")
    code = "from host import clock; print(clock.now_s()); input(); print(clock.now_s())"
    env = {**os.environ, "TAPLEDGER_CLOCK": str(file)}
    with subprocess.Popen(
        [sys.executable, "-c", code], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as asked:
        assert asked.stdin is not None and asked.stdout is not None
        first = int(asked.stdout.readline())
        file.write_text("2000000")
        second = int(asked.communicate("\n")[0])
    assert abs(first - time.time() - 1_000_000) < 60
    assert abs(second - time.time() - 2_000_000) < 60
