"""The front desk of a simulated shop, as the clerk's page meets it: its reader, and who works there."""

import json
from pathlib import Path

LINK = "desk-reader"
OPERATORS = "demo-operators"  # which the host made
_NAME_MAX = 200  # more a browser does not keep


def named(folder: Path, device: str) -> str:
    """The reader's name for the host: a link that is called the same at every start to this tty."""
    link = folder / LINK
    if not str(link).isascii() or len(str(link)) > _NAME_MAX:
        return f"tty:{device}"
    link.unlink(missing_ok=True)
    link.symlink_to(device)
    return f"tty:{link}"


def people(folder: Path) -> list[dict[str, str]]:
    """[{name, role, password}] of a demo's operators; none where there are none."""
    try:
        found = json.loads((folder / OPERATORS).read_text(encoding="utf-8"))
        return [{key: str(one[key]) for key in ("name", "role", "password")} for one in found]
    except (OSError, ValueError, KeyError, TypeError):
        return []
