"""libfreefare and its tools, as Debian ships them, use a blank card to their normal end, over libnfc."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from ctypes.util import find_library
from pathlib import Path
from random import Random

import nfc
import nfc.clf.pn532
import nfc.clf.transport
import nfc.tag
import pytest

from simulator.card import DesfireCard
from simulator.card.models import MODELS
from simulator.card.state import CardState
from simulator.reader import Field, Pn532, PtyReader
from tests.simulator.card.terminal import UID
from tests.strangers.running import run

Tool = Callable[..., str]


@pytest.fixture(params=MODELS)
def card(request: pytest.FixtureRequest) -> DesfireCard:
    return DesfireCard(UID, Random(1), CardState.factory(UID, MODELS[request.param]))


@pytest.fixture
def reader(card: DesfireCard) -> Iterator[PtyReader]:
    field = Field()
    field.place(card)
    with PtyReader(Pn532(field)) as reader:
        yield reader


@pytest.fixture
def tool(reader: PtyReader) -> Tool:
    """Runs mifare-desfire-NAME on the card; it must end with 0."""

    def ran(name: str, *words: str) -> str:
        program = shutil.which(f"mifare-desfire-{name}")
        if program is None:
            pytest.skip("needs apt package libfreefare-bin")
        environment = {**os.environ, "LIBNFC_DEVICE": f"pn532_uart:{reader.path}"}
        command = [program, *words]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return ran


def test_info(card: DesfireCard, tool: Tool) -> None:
    said = tool("info")
    software = {"EV1": "1.4", "EV2": "2.1"}[card.chip.state.model.name]
    assert re.search(rf"Software Information:(?s:.*)Version: +{re.escape(software)}\n", said)
    assert re.search(r"UID: +0x04010203040506\n", said)
    assert "Master Key settings (0x0f)" in said and "Master Key version: 0 (0x00)" in said
    assert f"Free memory: {card.chip.state.free_bytes()} bytes" in said and "Use random UID: no" in said


def test_access_writes_and_reads_an_encrypted_file_and_formats(card: DesfireCard, tool: Tool) -> None:
    before = card.dump()
    written: list[str] = []
    card.tear_hook = lambda moment, step: written.append(step) if moment == "after" else None
    tool("access")
    assert written == ["create application", "create file", "write page", "format"]
    assert card.dump() == before


def test_format_gives_the_memory_back(card: DesfireCard, tool: Tool) -> None:
    empty = card.chip.state.free_bytes()
    tool("create-ndef", "-y")
    assert card.chip.state.free_bytes() < empty - 7_680
    tool("format", "-y")
    assert card.chip.state.free_bytes() == empty and len(card.chip.state.applications) == 1


def test_a_message_of_theirs_is_read_by_them_and_by_nfcpy(
    card: DesfireCard, reader: PtyReader, tool: Tool, tmp_path: Path
) -> None:
    tool("create-ndef", "-y")
    # One short record of text.
    message = bytes.fromhex("D1010F5402656E") + b"Tapledger 26"
    written, read = tmp_path / "written", tmp_path / "read"
    written.write_bytes(message)
    tool("write-ndef", "-y", "-i", str(written))
    tool("read-ndef", "-y", "-o", str(read))
    assert read.read_bytes() == message
    clf = nfc.ContactlessFrontend()
    clf.device = nfc.clf.pn532.init(nfc.clf.transport.TTY(reader.path))
    tag = nfc.tag.activate(clf, clf.sense(nfc.clf.RemoteTarget("106A")))
    assert [record.text for record in tag.ndef.records] == ["Tapledger 26"]
    clf.close()


def test_the_ats_can_be_set(card: DesfireCard, tool: Tool) -> None:
    tool("ev1-configure-ats", "-y")
    assert card.chip.state.configuration.ats == bytes.fromhex("067577810280")
    assert "0x04010203040506" in tool("info")


def test_new_applications_get_the_default_key(card: DesfireCard, tool: Tool) -> None:
    """It sets one, uses it in an application of its own, sets it back and formats."""
    before = card.dump()
    tool("ev1-configure-default-key", "-y")
    assert card.dump() == before


def test_a_random_uid_is_for_ever_and_the_true_one_is_told_to_the_master_key(
    card: DesfireCard, tool: Tool
) -> None:
    tool("ev1-configure-random-uid", "-y")
    found = re.search(r"tag (08[0-9a-f]{6}):", tool("info"))
    assert found and "Use random UID: yes" in tool("info")
    assert f"Old card UID: {UID.hex()}" in tool("ev1-configure-random-uid", "-y")
    assert found[1] not in tool("info")


def read_back(transactions: int) -> dict[str, object]:
    """What one transaction of libfreefare/read.py leaves, the one of that number."""
    filling = bytes([0xA0 + transactions - 1])
    records = [bytes(5) + bytes([0xA0 + number]) * 20 for number in range(transactions)]
    return {
        "value": [300 * transactions - 300, 300 * transactions],
        "standard": (bytes(10) + filling * 80 + bytes(10)).hex(),
        "backup": (bytes(1) + filling * 29).hex(),
        "linear": b"".join(records).hex(),
        "cyclic": records[-1].hex(),
    }


@pytest.mark.parametrize("way", ["des", "des-iso", "2k3des", "2k3des-iso", "3k3des", "aes"])
def test_every_kind_of_file_in_every_way_of_messaging(way: str, card: DesfireCard, reader: PtyReader) -> None:
    if find_library("freefare") is None:
        pytest.skip("needs apt package libfreefare-bin")
    before = card.dump()
    environment = {**os.environ, "LIBNFC_DEVICE": f"pn532_uart:{reader.path}"}
    saw = run(Path(sys.executable), "libfreefare", way, environment=environment)
    assert saw == {"plain": read_back(1), "mac": read_back(2), "full": read_back(3), "uid": UID.hex()}
    assert card.dump() == before
