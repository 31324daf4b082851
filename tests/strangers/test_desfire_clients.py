"""Two DESFire libraries that know nothing of each other use a blank card, by PC/SC and on the serial line."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from simulator.card import DesfireCard
from simulator.card.state import CardState
from simulator.reader import Field, Pn532, PtyReader, VpcdSlot
from tests.environments import stranger
from tests.simulator.card.terminal import UID
from tests.simulator.reader.pcsc import running_pcscd
from tests.strangers.running import run

TEXT = b"What a stranger wrote on the card."


@pytest.fixture
def card() -> DesfireCard:
    return DesfireCard(UID, Random(1))


@pytest.fixture
def by_pcsc(card: DesfireCard, tmp_path: Path) -> Callable[[str], dict[str, Any]]:
    """What a program sees of the card through a real pcscd."""

    def saw(name: str) -> dict[str, Any]:
        field = Field()
        field.place(card)
        with running_pcscd(tmp_path) as (port, environment), VpcdSlot(field, port):
            return run(stranger(name), name, "pcsc", environment=environment)

    return saw


def on_the_line(card: DesfireCard, name: str) -> dict[str, Any]:
    """What a program sees of the card with a PN532 of its own."""
    field = Field()
    field.place(card)
    with PtyReader(Pn532(field)) as reader:
        return run(stranger(name), name, "uart", reader.path)


@pytest.mark.parametrize("way", ["pcsc", "uart"])
def test_python_desfire_takes_a_blank_card_through_its_life(
    way: str, card: DesfireCard, by_pcsc: Callable[[str], dict[str, Any]]
) -> None:
    saw = by_pcsc("python_desfire") if way == "pcsc" else on_the_line(card, "python_desfire")
    assert saw == {
        "version_uid": UID.hex(),
        "keys_of_a_blank": "DF_KEY_2K3DES",
        "uid": UID.hex(),
        "versions": [8, 9],
        "full": (bytes(3) + TEXT).ljust(64, b"\x00").hex(),
        "mac": bytes(64).hex(),
        "files": [1, 2],
        "applications": ["112233"],
    }
    factory = CardState.factory(UID)
    assert set(card.chip.state.applications) == set(factory.applications)
    master = card.chip.app.keys[0]
    assert (master.kind.name, master.value, master.version) == ("AES", bytes(range(16)), 7)


def test_desfire_keeps_money_on_a_card(card: DesfireCard, by_pcsc: Callable[[str], dict[str, Any]]) -> None:
    assert by_pcsc("desfire") == {
        "applications_before": [],
        "before_commit": 500,
        "value": 750,
        "too_much": 0xBE,
        "nothing_to_commit": 0x0C,
        "read_back": True,
        "files": [1, 2],
        "files_after": [1],
        "applications": [0x112233],
    }
    assert card.value_fen(bytes.fromhex("112233"), 1) == 750
