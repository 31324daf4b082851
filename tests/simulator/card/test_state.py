import json
from typing import Any

import pytest

from simulator.card import DesfireCard, LeftField, card_from_state
from simulator.card.files import ValueFile
from simulator.card.models import EV1
from simulator.card.state import PICC, CardState
from tests.simulator.card.reader_side import D40Reader
from tests.simulator.card.rich import AID, BACKUP, CYCLIC, LINEAR, UID, VALUE, WAYS, reader_of, rich_card
from tests.simulator.card.terminal import span

# What the program before this one wrote: keys are AES or not, nothing has an ISO name.
OLD: dict[str, Any] = {
    "kind": "desfire",
    "rules": {"free_access_plain": False},
    "uid": "04010203040506",
    "applications": {
        "000000": {"settings": 15, "keys": [{"value": "00" * 16, "version": 0, "aes": False}], "files": {}},
        "015054": {
            "settings": 11,
            "keys": [{"value": "0b" * 16, "version": 2, "aes": True}],
            "files": {
                "2": {
                    "type": 2,
                    "comm_code": 3,
                    "rights": "3023",
                    "lower": 0,
                    "upper": 500_000,
                    "value": 7_500,
                    "limited_credit": 0,
                    "options": 1,
                },
                "15": {
                    "type": 5,
                    "comm_code": 1,
                    "rights": "f02f",
                    "key": "10" * 16,
                    "key_version": 1,
                    "counter": 7,
                    "mac": "11" * 8,
                },
            },
        },
    },
    "journal": None,
}


def test_an_older_card_file_is_upgraded_when_it_is_read() -> None:
    card = card_from_state(OLD)
    assert isinstance(card, DesfireCard)
    assert card.value_fen(bytes.fromhex("015054"), 2) == 7_500
    state = card.chip.state
    kinds = {aid.hex(): [key.kind.name for key in app.keys] for aid, app in state.applications.items()}
    assert kinds == {"000000": ["2K3DES"], "015054": ["AES"]}
    assert state.applications[bytes.fromhex("015054")].keys[0].version == 2
    assert (state.model.name, state.lost_bytes, state.configuration.random_uid) == ("EV2", 0, False)
    assert card_from_state(card.dump()).dump() == card.dump()
    card.enter_field()
    D40Reader(card.exchange).authenticate(0, "2K3DES", bytes(16))


def test_a_commit_that_an_older_program_sealed_is_finished() -> None:
    image = OLD["applications"]["015054"]["files"]["2"] | {"value": 7_000}
    card = card_from_state(OLD | {"journal": {"aid": "015054", "images": {"2": image}, "sealed": True}})
    assert isinstance(card, DesfireCard) and card.value_fen(bytes.fromhex("015054"), 2) == 7_000
    card.enter_field()
    assert card.chip.state.journal is None and card.value_fen(bytes.fromhex("015054"), 2) == 7_000


@pytest.mark.parametrize(
    "change",
    [
        {"model": "EV9"},
        {"configuration": {}},
        {
            "applications": {
                "000000": {"settings": 15, "keys": [{"value": "00", "version": 0, "kind": "AES"}]}
            }
        },
        {
            "applications": {
                "000000": {"settings": 15, "keys": [{"value": "00" * 16, "version": 0, "kind": "X"}]}
            }
        },
        {"lost_bytes": "many"},
    ],
)
def test_what_is_no_card_is_not_loaded(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        card_from_state(OLD | change)


def test_a_blank_card_is_as_the_factory_delivers_it() -> None:
    for state in (CardState.factory(UID), CardState.factory(UID, EV1)):
        assert list(state.applications) == [PICC]
        level = state.applications[PICC]
        assert (level.settings, level.kind.name) == (0x0F, "2K3DES")
        assert [(key.value, key.version) for key in level.keys] == [(bytes(16), 0)]
        assert state.free_bytes() == state.model.memory_bytes


@pytest.mark.parametrize("way", [way for way in WAYS if way != "plain"])
def test_one_commit_over_every_kind_of_file_happens_or_not_wherever_power_is_lost(way: str) -> None:
    outcomes, torn_at = set(), 0
    while True:
        card = rich_card(way)
        reader = reader_of(card, way, "application")
        before = card.dump()
        reader.ask(0x3D, bytes([BACKUP]) + span(0, 3), b"new", "full")
        reader.ask(0xDC, bytes([VALUE]), b"\x04\x00\x00\x00", "full")
        for number in (LINEAR, CYCLIC):
            reader.ask(0x3B, bytes([number]) + span(0, 3), b"new", "full")
        assert card.dump() == before
        commit, steps = reader.body(0xC7, b""), 0

        def tear(_when: str, _step: str, at: int = torn_at) -> None:
            nonlocal steps
            steps += 1
            if steps == at + 1:
                raise LeftField

        card.tear_hook = tear
        if card.exchange(b"\xc7" + commit) is not None:
            break
        again = card_from_state(json.loads(json.dumps(card.dump())))
        assert isinstance(again, DesfireCard)
        again.enter_field()
        files = {number: file.to_json() for number, file in again.chip.state.applications[AID].files.items()}
        new = (
            files[BACKUP]["content"].startswith(b"new".hex()),
            files[VALUE]["value"] == 6,
            len(files[LINEAR]["records"]) == 4,
            len(files[CYCLIC]["records"]) == 4,
            files[6]["counter"] == 8,
        )
        assert len(set(new)) == 1, f"torn at step {torn_at}"
        assert new[0] or again.dump() == before
        outcomes.add(new[0])
        torn_at += 1
    assert outcomes == {False, True} and torn_at > 10
    file = card.chip.app.files[VALUE]
    assert isinstance(file, ValueFile) and (file.value, file.limited_credit) == (6, 4)
