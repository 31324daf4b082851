"""The version a kiosk says in its hello is the one that is released."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_kiosk_says_the_projects_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    link = (ROOT / "firmware" / "net" / "link.py").read_text()
    assert re.findall(r'^FIRMWARE = "(.+)"$', link, re.M) == [project["version"]]
