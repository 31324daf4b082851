"""docs/desk.md shows the program's own tables."""

from pathlib import Path

from host.desk.words import ACTS
from host.operators.roles import RIGHTS, ROLES

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "desk.md").read_text(encoding="utf-8")


def test_the_documented_rights_are_the_programs() -> None:
    assert f"| right | may | {' | '.join(ROLES)} |" in TEXT
    rows = [
        f"| `{right}` | {what} | {' | '.join('x' if right in has else '' for has in ROLES.values())} |"
        for right, what in RIGHTS.items()
    ]
    assert [line for line in TEXT.splitlines() if line in rows] == rows


def test_the_documented_acts_are_the_programs() -> None:
    rows = [
        f"| `{name}` | {act.right} | {', '.join(act.needs)} | {', '.join(act.may)} | {act.what} |"
        for name, act in ACTS.items()
    ]
    assert [line for line in TEXT.splitlines() if line in rows] == rows
    shown = [line for line in TEXT.splitlines() if line.startswith("| `")]
    assert len(shown) == len(RIGHTS) + len(ACTS)
