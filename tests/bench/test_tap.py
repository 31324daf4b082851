"""A debit on true hardware, by the model, takes no longer than promised, whatever changes in the firmware."""

from pathlib import Path

import pytest

from simulator.reader.timing import PARAMETERS as LINE_AND_AIR
from simulator.reader.timing import Event
from tests.bench import tap

DOCS = Path(__file__).parents[2] / "docs" / "reader-emulator.md"


def test_a_debit_is_within_its_targets(tmp_path: Path) -> None:
    figures = {figure.name: figure for figure in tap.measure(tmp_path)}
    assert figures["APDUs of a debit"].value == 9
    for baud in tap.TARGETS_MS:
        parts = [figures[f"modelled tap at {baud} baud, {phase}"].value for phase in tap.PHASES]
        whole = figures[f"modelled tap at {baud} baud, all"]
        assert min(parts) > 0
        assert whole.value == pytest.approx(sum(parts), abs=0.5)
        assert whole.ok, whole


def exchange(apdu: str) -> list[Event]:
    return [
        Event("host", b"\x00\x00\xff\x00\x00\xd4\x40\x01" + bytes.fromhex(apdu)),
        Event("chip", b"\xd5\x41\x00"),
    ]


def test_each_phase_gets_its_own() -> None:
    found = [Event("host", b"\xd4\x4a\x02\x00"), Event("chip", b"\xd5\x4b\x01")]
    events = found + exchange("905A") + exchange("90AF") + exchange("906C") + exchange("90C7")
    parts = tap.modelled(tap.Tap(7, tuple(events), (64, 300), 1, (3840,), ()), 115_200)
    assert parts["debit"] == 0
    assert parts["authentication"] == pytest.approx(2 * parts["commit"])
    assert parts["reading"] == pytest.approx(parts["commit"])
    assert parts["journal"] == pytest.approx(3 * 0.4 + 45 + 3 * 0.3)
    half = tap.modelled(tap.Tap(7, tuple(events), (), 0, (), (3840,)), 115_200)
    assert half["screen"] == pytest.approx(parts["screen"] / 2)


def test_the_table_of_the_docs_has_every_parameter() -> None:
    rows = DOCS.read_text(encoding="utf-8").splitlines()
    for name, parameter in {**LINE_AND_AIR, **tap.PARAMETERS}.items():
        row = f"| {name} | {parameter.value:.4g} | {parameter.source} |"
        assert row in rows, row
