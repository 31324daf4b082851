"""nfcpy, which is not ours, writes and reads the tag as a Type 4 tag through a PN532."""

from collections.abc import Iterator
from typing import Any

import ndef
import nfc.clf
import nfc.clf.pn532
import nfc.clf.transport
import nfc.tag
import pytest

from simulator.card import Ntag424Card
from simulator.reader import Field, Pn532, PtyReader
from tests.simulator.card.ntag424.tag import fresh, known, settings

URL = "https://example.com/c?p=" + "0" * 32 + "&m=" + "0" * 16
FIRST = 7  # of the URL after "https://": length 2, record header 4, prefix 1


@pytest.fixture
def field() -> Field:
    return Field()


@pytest.fixture
def frontend(field: Field) -> Iterator[Any]:
    reader = PtyReader(Pn532(field))
    reader.start()
    found = nfc.clf.ContactlessFrontend()
    found.device = nfc.clf.pn532.init(nfc.clf.transport.TTY(reader.path))
    found.device._path = reader.path
    yield found
    found.close()
    reader.stop()


def tag_on(frontend: Any, field: Field, card: Ntag424Card) -> Any:
    field.place(card)
    target = frontend.sense(nfc.clf.RemoteTarget("106A"))
    return nfc.tag.activate(frontend, target)


def test_what_nfcpy_writes_it_reads_back_signed(frontend: Any, field: Field) -> None:
    card = fresh()
    offsets = [FIRST + URL.index(name) + len(name) - len("https://") for name in ("?p=", "&m=", "&m=")]
    text = b"".join(at.to_bytes(3, "little") for at in offsets).hex()
    settings(known(card), 2, "40 EEEE C1F121" + text)
    card.leave_field()
    tag = tag_on(frontend, field, card)
    assert tag.type == "Type4Tag" and tag.ndef.capacity >= 128
    tag.ndef.records = [ndef.UriRecord(URL)]
    before = card.read_counter
    field.remove()
    again = tag_on(frontend, field, card)
    sent = bytes(again.ndef.octets).decode("latin-1").split("?p=")[1]
    assert card.read_counter > before
    assert len(sent) == 32 + 3 + 16 and "0" * 16 not in sent
