"""What strangers sent is answered to the byte as it was when they were content."""

import json
from typing import Any

import pytest

from simulator.reader import Field, Pn532
from tests.simulator.reader.host_side import Clock
from tests.strangers.record import CARDS, FOLDER, RECORDINGS

FILES = sorted(FOLDER.glob("*.json"))


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def recording(request: pytest.FixtureRequest) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(request.param.read_text())
    return content


def test_every_client_is_recorded() -> None:
    assert {path.stem for path in FILES} == set(RECORDINGS)


def test_a_recording_tells_where_it_comes_from(recording: dict[str, Any]) -> None:
    assert all(recording[name] for name in ("client", "command", "made", "made_by"))
    assert {who for who, _ in recording["line"]} == {"host", "chip"}


def test_the_emulator_answers_as_recorded(recording: dict[str, Any]) -> None:
    clock = Clock()
    chip = Pn532(Field(), clock)
    for name in recording["field"]:
        chip.field.place(CARDS[name]())
    said = b""
    for turn, (who, text) in enumerate(recording["line"]):
        content = bytes.fromhex(text)
        if who == "host":
            said = chip.feed(content)
            continue
        clock.now_s += 10  # a search in vain comes to its end
        said += chip.poll()
        assert said.hex() == content.hex(), f"turn {turn}"
