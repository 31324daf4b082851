import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.host.process import run


def test_whoever_waits_at_a_terminal_sees_how_far_it_is(data: Path) -> None:
    """stderr is a terminal; what is asked for still goes to stdout alone."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "host", "verify", "--data", str(data), "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, timeout=60, check=True)
    os.close(theirs)
    shown = os.read(ours, 65536)
    os.close(ours)
    assert b"verify" in shown and b"100%" in shown
    assert done.stdout.startswith(b'{"ok": true')


def test_nobody_is_shown_a_bar_in_a_log(data: Path) -> None:
    done = run("verify", "--data", str(data), "--resume")
    assert (done.returncode, done.stderr) == (0, "")
