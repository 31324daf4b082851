"""nfcpy's own PN532 driver on the serial line: it changes its rate, re-opens it and runs ISO-DEP itself."""

from collections.abc import Iterator
from random import Random

import nfc
import nfc.clf.pn532
import nfc.clf.transport
import nfc.tag
import nfc.tag.tt4
import pytest

from simulator.card import DesfireCard, foreign_card
from simulator.reader import Field, Pn532, PtyReader
from tests.simulator.card.terminal import UID, Terminal, out_of_field, sell


@pytest.fixture
def nfcpy_and_field() -> Iterator[tuple[nfc.ContactlessFrontend, Field]]:
    field = Field()
    with PtyReader(Pn532(field)) as reader:
        clf = opened(reader)
        yield clf, field
        clf.close()


def opened(reader: PtyReader) -> nfc.ContactlessFrontend:
    clf = nfc.ContactlessFrontend()
    clf.device = nfc.clf.pn532.init(nfc.clf.transport.TTY(reader.path))
    return clf


def test_nfcpy_reads_a_card(nfcpy_and_field) -> None:  # type: ignore[no-untyped-def]
    clf, field = nfcpy_and_field
    kinds = [nfc.clf.RemoteTarget(kind) for kind in ("106A", "106B", "212F")]
    assert clf.sense(*kinds) is None
    card = out_of_field()
    field.place(card)
    target = clf.sense(*kinds)
    assert (target.sens_res, target.sel_res, target.sdd_res) == (b"\x44\x03", b"\x20", UID)
    tag = nfc.tag.activate(clf, target)
    assert tag.type == "Type4Tag" and tag.identifier == UID
    terminal = Terminal(lambda apdu: bytes(tag.transceive(apdu)))
    assert terminal.plain(0x60)[14:21] == UID
    assert sell(terminal, 2_500)[0] == 2
    assert card.value_fen(bytes.fromhex("015054"), 2) == 7_500
    assert tag.is_present
    field.remove()
    assert not tag.is_present


def test_nfcpy_sees_a_classic(nfcpy_and_field) -> None:  # type: ignore[no-untyped-def]
    clf, field = nfcpy_and_field
    field.place(foreign_card("classic", b"\x01\x02\x03\x04"))
    target = clf.sense(nfc.clf.RemoteTarget("106A"))
    assert (target.sel_res, target.sdd_res) == (b"\x08", b"\x01\x02\x03\x04")


def test_nfcpy_notices_a_pulled_card(nfcpy_and_field) -> None:  # type: ignore[no-untyped-def]
    clf, field = nfcpy_and_field
    card = out_of_field()
    card.arm_pull("commit-sent")
    field.place(card)
    tag = nfc.tag.activate(clf, clf.sense(nfc.clf.RemoteTarget("106A")))
    with pytest.raises(nfc.tag.tt4.Type4TagCommandError):
        sell(Terminal(lambda apdu: bytes(tag.transceive(apdu))), 2_500)
    assert field.card is None and card.value_fen(bytes.fromhex("015054"), 2) == 7_500


def activated(clf, field: Field, card: DesfireCard):  # type: ignore[no-untyped-def]
    field.place(card)
    return nfc.tag.activate(clf, clf.sense(nfc.clf.RemoteTarget("106A")))


def test_nfcpy_raises_the_baud_rate_and_lowers_it_when_it_closes() -> None:
    field = Field()
    field.place(out_of_field())
    chip = Pn532(field)
    with PtyReader(chip) as reader:
        for _ in range(2):
            clf = opened(reader)
            assert chip.upkeep.baud == 921_600
            assert clf.sense(nfc.clf.RemoteTarget("106A")).sdd_res == UID
            clf.close()
            assert chip.upkeep.baud == 115_200


def test_nfcpy_chains_both_ways(nfcpy_and_field) -> None:  # type: ignore[no-untyped-def]
    clf, field = nfcpy_and_field
    card = out_of_field()
    tag = activated(clf, field, card)
    long_answer = bytes(range(256)) * 3
    heard = []
    card._iso_dep._exchange = lambda apdu: heard.append(apdu) or long_answer
    command = b"\x90\x3d\x00\x00\xff" + bytes(255)
    assert tag.transceive(command) == long_answer
    assert heard == [command]


@pytest.mark.parametrize("fault", ["lose_next_request", "lose_next_answer", "damage_next_answer"])
def test_nfcpy_recovers_what_was_lost_and_no_command_runs_twice(nfcpy_and_field, fault: str) -> None:  # type: ignore[no-untyped-def]
    clf, field = nfcpy_and_field
    card = out_of_field()
    tag = activated(clf, field, card)
    ran, run = [], card._iso_dep._exchange
    card._iso_dep._exchange = lambda apdu: ran.append(apdu) or run(apdu)
    setattr(field.faults, fault, True)
    assert tag.transceive(b"\x90\x6a\x00\x00\x00") == bytes.fromhex("0150549100")
    assert len(ran) == 1 and not getattr(field.faults, fault)


def test_nfcpy_grants_more_time(nfcpy_and_field) -> None:  # type: ignore[no-untyped-def]
    clf, field = nfcpy_and_field
    card = out_of_field()
    tag = activated(clf, field, card)
    card._iso_dep._busy_ms = lambda apdu: 300.0
    frames = []
    field.frame_listeners.append(lambda _card, frame, answer: frames.append((frame, answer)))
    assert tag.transceive(b"\x90\x6a\x00\x00\x00") == bytes.fromhex("0150549100")
    assert frames[0][1] == b"\xf2\x03" and frames[1][0] == b"\xf2\x03"


def test_nfcpy_gives_up_on_two_cards_of_one_uid(nfcpy_and_field) -> None:  # type: ignore[no-untyped-def]
    clf, field = nfcpy_and_field
    first = out_of_field()
    before = first.dump()
    field.place(DesfireCard(UID, Random(99), first.chip.state))
    tag = activated(clf, field, first)
    with pytest.raises(nfc.tag.tt4.Type4TagCommandError):
        sell(Terminal(lambda apdu: bytes(tag.transceive(apdu))), 2_500)
    assert first.dump() == before
