"""docs/formats.md names every form and op there is, and its examples work."""

import json
import re
from pathlib import Path

import pytest

from protocol import vectors, vectors_form
from simulator.scenario import grammar

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"```(json)?\n(.*?)```", PAGE, re.DOTALL))


def cells(first: str) -> list[str]:
    """The table row whose first cell is this code."""
    for line in PAGE.splitlines():
        row = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if row and row[0] == f"`{first}`":
            return row
    raise AssertionError(f"docs/formats.md has no row for {first}")


@pytest.mark.parametrize("form", grammar.FORMS)
def test_every_step_is_documented(form: str) -> None:
    assert len(cells(form)) == 2


def test_no_step_is_documented_that_cannot_be_played() -> None:
    section = PAGE.split("| step | does |")[1].split("\n\n")[0]
    rows = [line.split("` |")[0][3:].replace("\\|", "|") for line in section.splitlines()[2:]]
    assert rows == list(grammar.FORMS)


@pytest.mark.parametrize("op", vectors_form.NEEDS)
def test_every_op_is_documented_with_what_it_needs(op: str) -> None:
    needs = vectors_form.NEEDS[op].replace("[", "").replace("]", "").split()
    assert cells(op)[1] == ", ".join(needs)


def test_the_example_vector_holds() -> None:
    assert vectors.check(json.loads(EXAMPLES["json"])) is None


def test_the_example_scenario_can_be_read() -> None:
    steps = grammar.parse(EXAMPLES[""])
    assert [step.words[0] for step in steps][-2:] == ["expect", "verify"]
