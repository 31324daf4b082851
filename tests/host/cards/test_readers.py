import builtins
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from tty import setraw
from typing import Any

import pytest
from pytest_mock import MockerFixture

from host.cards import account, readers
from host.cards.desk import Desk
from host.cards.readers import NoCard, ReaderError
from simulator.card import ClassicCard, ContactlessCard, DesfireCard, FelicaCard, Ntag424Card
from simulator.reader import Field, Pn532, PtyReader, VpcdSlot
from tests.host.rig import Shop, blank, value_fen
from tests.host.tags import blank_tag
from tests.simulator.reader import pcsc


@pytest.fixture
def field() -> Field:
    return Field()


@pytest.fixture
def tty(field: Field) -> Iterator[str]:
    reader = PtyReader(Pn532(field))
    reader.start()
    yield f"tty:{reader.path}"
    reader.stop()


def test_a_card_is_made_and_loaded_through_nfcpy_and_a_pn532(shop: Shop, field: Field, tty: str) -> None:
    card = blank()
    field.place(card)
    with readers.connect(tty) as connection:
        assert connection.uid == card.uid
        made = Desk(shop.opened.database, shop.opened.keeper, connection, "operator:desk").issue(10_000)
    assert made["balance_fen"] == value_fen(card) == 10_000


def test_the_reader_can_be_opened_again_and_again(field: Field, tty: str) -> None:
    field.place(blank())
    for _ in range(3):
        with readers.connect(tty) as connection:
            assert connection.send_and_receive(bytes.fromhex("9060000000"))[-2:] == b"\x91\xaf"


KILLED = """
import os, sys
from host.cards import readers
with readers.opened(sys.argv[1]) as reader:
    found = reader.sense()
    found.connection.send_and_receive(bytes.fromhex("9060000000"))
    os.kill(os.getpid(), 9)
"""


def test_a_reader_whose_program_was_killed_is_found_again(field: Field, tty: str) -> None:
    """The PN532 is left at the high baud rate that nfcpy switched to."""
    card = blank()
    field.place(card)
    for _ in range(2):
        assert subprocess.run([sys.executable, "-c", KILLED, tty], timeout=30).returncode == -9
    assert readers.look(tty) == card.uid


@pytest.mark.parametrize("fault", ["drop_next_ack", "drop_next_answer"])
def test_a_pn532_that_misses_the_first_command_is_asked_again(field: Field, fault: str) -> None:
    chip, card = Pn532(field), blank()
    field.place(card)
    with PtyReader(chip) as reader:
        setattr(chip.faults, fault, True)
        assert readers.look(f"tty:{reader.path}") == card.uid


@pytest.mark.parametrize("noise", [b"\x00", b"\x00\x00\xff", b"\xff" * 300, b"\x00\x00\xff\xff\xff\x00\x01"])
def test_noise_on_a_serial_line_is_no_reader(noise: bytes) -> None:
    ours, theirs = os.openpty()
    setraw(theirs)
    stopping = threading.Event()

    def speak() -> None:
        while not stopping.is_set():
            os.read(ours, 1000)
            os.write(ours, noise)

    speaker = threading.Thread(target=speak)
    speaker.start()
    try:
        with pytest.raises(ReaderError, match="No PN532 answers"):
            readers.look(f"tty:{os.ttyname(theirs)}")
    finally:
        stopping.set()
        os.write(theirs, b"\x00")
        speaker.join()
        os.close(ours)
        os.close(theirs)


def test_an_empty_reader_and_a_card_of_another_kind_are_told(field: Field, tty: str) -> None:
    with pytest.raises(NoCard, match="no card on the reader"), readers.connect(tty, wait_s=0.1):
        pass
    field.place(ClassicCard(bytes.fromhex("01020304")))
    with pytest.raises(NoCard, match="not a MIFARE DESFire"), readers.connect(tty, wait_s=0.1):
        pass


@pytest.mark.parametrize(
    ("card", "uid"),
    [
        (ClassicCard(bytes.fromhex("00A2B304")), "00A2B304"),
        (ClassicCard(bytes.fromhex("04A2B304050680")), "04A2B304050680"),
        (ClassicCard(bytes.fromhex("04A2B304050607080910")), "04A2B304050607080910"),
        (FelicaCard(bytes.fromhex("0012345678ABCDEF")), "0012345678ABCDEF"),
        (DesfireCard(bytes.fromhex("04A2B304050690")), "04A2B304050690"),
        (Ntag424Card(bytes.fromhex("04A2B304050691")), "04A2B304050691"),
    ],
)
def test_the_uid_of_any_card_is_read_with_its_leading_zeros(
    field: Field, tty: str, card: ContactlessCard, uid: str
) -> None:
    with pytest.raises(NoCard, match="no card on the reader"):
        readers.look(tty, wait_s=0.1)
    field.place(card)
    assert readers.look(tty).hex().upper() == uid
    field.remove()


def test_an_account_card_is_made_through_nfcpy(shop: Shop, field: Field, tty: str) -> None:
    card = blank_tag()
    field.place(card)
    with readers.connect(tty) as connection:
        made = account.issue(shop.opened.database, shop.opened.keeper, connection, "operator:desk")
    assert (made["state"], made["kind"]) == ("active", "account")


def test_a_card_that_leaves_is_told_as_gone(field: Field, tty: str) -> None:
    field.place(blank())
    with readers.connect(tty) as connection:
        field.remove()
        with pytest.raises(readers.CardGone):
            connection.send_and_receive(bytes.fromhex("9060000000"))


@pytest.mark.parametrize(
    "name, sentence",
    [
        ("", "names no reader"),
        ("usb:1", "names no reader"),
        ("tty:", "names no reader"),
        ("tty:/dev/there-is-none", "No PN532 answers at /dev/there-is-none"),
        ("tty:/etc/passwd", "No PN532 answers"),
    ],
)
def test_a_reader_that_is_not_there_is_one_sentence(name: str, sentence: str) -> None:
    with pytest.raises(ReaderError, match=sentence), readers.connect(name):
        pass
    with pytest.raises(ReaderError, match=sentence):
        readers.look(name)


def test_without_pyscard_the_packages_are_named(mocker: MockerFixture) -> None:
    real = builtins.__import__

    def refuse(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("smartcard"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    mocker.patch("builtins.__import__", refuse)
    with pytest.raises(ReaderError, match=r"libpcsclite-dev swig.*pyscard"), readers.connect("pcsc:ACS"):
        pass


CLIENT = """
import sys
from pathlib import Path
from host import installation
from host.cards import readers
from host.cards.desk import Desk
opened = installation.open_(Path(%r), None)
with readers.connect("pcsc:Tapledger", 10) as connection:
    print(Desk(opened.database, opened.keeper, connection, "operator:desk").issue(10_000)["balance_fen"])
print(readers.look("pcsc:Tapledger", 10).hex())
try:
    with readers.connect("pcsc:no such reader", 0):
        pass
except readers.ReaderError as error:
    print(error)
"""


def test_a_card_is_made_and_loaded_through_pyscard_and_pcscd(
    shop: Shop, field: Field, tmp_path: Path
) -> None:
    card = blank()
    field.place(card)
    with pcsc.running_pcscd(tmp_path) as (port, environment), VpcdSlot(field, port):
        lines = pcsc.run_client(CLIENT % str(shop.opened.data), environment).splitlines()
    assert lines == [
        "10000",
        card.uid.hex(),
        "No PC/SC reader's name contains “no such reader”: is it plugged in?",
    ]
    assert value_fen(card) == 10_000
