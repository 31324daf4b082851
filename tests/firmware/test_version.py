"""The version a kiosk says in its hello is the one that is released, and its time is of about then."""

import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_kiosk_says_the_projects_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    link = (ROOT / "firmware" / "net" / "link.py").read_text()
    assert re.findall(r'^FIRMWARE = "(.+)"$', link, re.M) == [project["version"]]


def test_the_time_that_no_kiosk_goes_below_is_of_this_year_and_not_to_come() -> None:
    """Held against the commit, not today: what was right stays right. Without git there is nothing to ask."""
    git = ("git", "-C", str(ROOT), "log", "-1", "--format=%ct")
    done = subprocess.run(git, capture_output=True, text=True) if (ROOT / ".git").exists() else None
    clock = (ROOT / "firmware" / "hal" / "clock.py").read_text()
    (built,) = re.findall(r"^BUILT_S = ([0-9_]+)  # 20\d\d-\d\d-\d\d", clock, re.M)
    assert int(built) > 1_795_000_000
    if done is not None and done.returncode == 0:
        assert int(built) - 86_400 <= int(done.stdout) <= int(built) + 366 * 86_400
