"""The chip behind a pseudo-terminal, spoken to by programs that know nothing of the simulator."""

import os
import select
import termios
import threading
import time
import tty

import nfc
import nfc.clf.pn532
import nfc.clf.transport
import nfc.tag
import pytest

from simulator.card import foreign_card
from simulator.reader import Field, Pn532, PtyReader
from tests.simulator.card.terminal import UID, Terminal, out_of_field, sell
from tests.simulator.reader.host_side import ACK, WAKE, bodies, frame

LIST = frame(bytes.fromhex("D44A0100"))
VERSION = frame(b"\xd4\x02")


def read(fd: int, count: int, timeout_s: float = 5) -> bytes:
    deadline, data = time.monotonic() + timeout_s, b""
    while len(data) < count:
        ready, _, _ = select.select([fd], [], [], max(0, deadline - time.monotonic()))
        assert ready, f"{len(data)} of {count} bytes within {timeout_s} s"
        data += os.read(fd, count - len(data))
    return data


def open_line(path: str) -> int:
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(fd)
    return fd


def test_bytes_pass_unchanged_and_the_line_survives_closing() -> None:
    with PtyReader(Pn532(Field())) as reader:
        for _ in range(2):
            fd = open_line(reader.path)
            os.write(fd, WAKE + VERSION)
            assert bodies(read(fd, 19)) == [ACK, bytes.fromhex("D50332010607")]
            os.close(fd)


def test_a_search_ends_when_the_card_comes_or_the_time_is_up() -> None:
    field = Field()
    card = out_of_field()
    with PtyReader(Pn532(field)) as reader:
        fd = open_line(reader.path)
        os.write(fd, WAKE + LIST)
        assert read(fd, 6) == ACK
        field.place(card)
        assert bodies(read(fd, 28))[0][:4] == bytes.fromhex("D54B0101")
        field.remove()
        os.write(fd, frame(bytes.fromhex("D43205FF0101")))
        assert read(fd, 15)[:6] == ACK
        os.write(fd, LIST)
        assert bodies(read(fd, 16)) == [ACK, bytes.fromhex("D54B00")]
        os.close(fd)


def test_a_reader_that_nobody_reads_does_not_block() -> None:
    chip = Pn532(Field())
    with PtyReader(chip) as reader:
        fd = open_line(reader.path)
        os.write(fd, WAKE)
        for _ in range(200):
            os.write(fd, frame(b"\xd4\x00\x00" + bytes(250)))
        termios.tcflush(fd, termios.TCIFLUSH)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            termios.tcflush(fd, termios.TCIFLUSH)
            os.write(fd, VERSION)
            if select.select([fd], [], [], 0.1)[0] and read(fd, 6) == ACK:
                break
        else:
            pytest.fail("the chip does not answer any more")
        os.close(fd)


def set_speed(fd: int, speed: int) -> None:
    attributes = termios.tcgetattr(fd)
    attributes[4] = attributes[5] = speed
    termios.tcsetattr(fd, termios.TCSANOW, attributes)


def test_host_and_chip_hear_each_other_at_the_same_speed_only() -> None:
    chip = Pn532(Field())
    with PtyReader(chip) as reader:
        fd = open_line(reader.path)
        set_speed(fd, termios.B115200)
        os.write(fd, WAKE + VERSION)
        assert read(fd, 19)[:6] == ACK
        os.write(fd, frame(b"\xd4\x10\x05"))
        assert bodies(read(fd, 15)) == [ACK, b"\xd5\x11"]
        os.write(fd, ACK)
        set_speed(fd, termios.B230400)  # perhaps before the chip has read the ACK
        os.write(fd, VERSION)
        assert bodies(read(fd, 19))[0] == ACK
        set_speed(fd, termios.B115200)
        os.write(fd, VERSION)
        assert not select.select([fd], [], [], 0.05)[0]
        chip.reset()
        os.write(fd, WAKE + VERSION)
        assert read(fd, 19)[:6] == ACK
        os.close(fd)


def test_start_and_stop() -> None:
    before = threading.active_count()
    reader = PtyReader(Pn532(Field())).start()
    with pytest.raises(RuntimeError, match="stop"):
        reader.start()
    path = reader.path
    reader.stop()
    reader.stop()
    assert threading.active_count() == before
    with pytest.raises(OSError):
        os.open(path, os.O_RDWR | os.O_NOCTTY)


@pytest.fixture
def nfcpy_and_field():  # type: ignore[no-untyped-def]
    """nfcpy on the serial line: it changes the baud rate, re-opens the line and runs ISO-DEP itself."""
    field = Field()
    with PtyReader(Pn532(field)) as reader:
        clf = nfc.ContactlessFrontend()
        clf.device = nfc.clf.pn532.init(nfc.clf.transport.TTY(reader.path))
        yield clf, field
        clf.close()


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
