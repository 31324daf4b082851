"""The chip behind a pseudo-terminal, spoken to by programs that know nothing of the simulator."""

import os
import select
import termios
import threading
import time
import tty

import pytest

from simulator.reader import Field, Pn532, PtyReader
from tests.simulator.card.terminal import out_of_field
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
