import socket
from pathlib import Path

import pytest

from simulator.card import ClassicCard
from simulator.reader import Field, VpcdSlot
from tests.simulator.card.terminal import AID, UID, Terminal, out_of_field, sell
from tests.simulator.reader.pcsc import run_client, running_pcscd
from tests.waiting import until

CLIENT = """
from smartcard.CardRequest import CardRequest
from smartcard.CardType import AnyCardType
from smartcard.util import toHexString
request = CardRequest(timeout=10, cardType=AnyCardType())
service = request.waitforcard()
connection = service.connection
connection.connect()
print("ATR", toHexString(connection.getATR()))
for apdu in (
    "9060000000", "90AF000000", "90AF000000", "905A00000301505400", "90BD0000070100000004000000", "90FF000000"
):
    data, sw1, sw2 = connection.transmit(list(bytes.fromhex(apdu)))
    print(bytes(data).hex(), "%02x%02x" % (sw1, sw2))
"""


def test_pyscard_reads_the_card_through_pcscd(tmp_path: Path) -> None:
    field = Field()
    field.place(out_of_field())
    with running_pcscd(tmp_path) as (port, environment), VpcdSlot(field, port):
        lines = run_client(CLIENT, environment).splitlines()
    assert lines[0] == "ATR 3B 81 80 01 80 80"
    assert lines[1].endswith("91af") and lines[3].startswith(UID.hex())
    assert lines[4:] == [" 9100", "00010203 9100", " 911c"]


class Vpcd:
    """The reader's end: accepts one card at a time."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(5)
        self.port: int = self.listener.getsockname()[1]

    def accept(self) -> socket.socket:
        connection, _ = self.listener.accept()
        connection.settimeout(5)
        return connection

    def close(self) -> None:
        self.listener.close()


def send(connection: socket.socket, content: bytes) -> None:
    connection.sendall(len(content).to_bytes(2, "big") + content)


def ask(connection: socket.socket, content: bytes) -> bytes:
    send(connection, content)
    with connection.makefile("rb") as stream:
        size = int.from_bytes(stream.read(2), "big")
        return stream.read(size)


@pytest.fixture
def vpcd():  # type: ignore[no-untyped-def]
    reader = Vpcd()
    yield reader
    reader.close()


def test_card_in_and_out(vpcd: Vpcd) -> None:
    field = Field()
    with VpcdSlot(field, vpcd.port):
        for _ in range(2):
            field.place(out_of_field())
            connection = vpcd.accept()
            assert ask(connection, b"\x04").hex() == "3b8180018080"
            send(connection, b"\x01")
            assert ask(connection, b"\x5a" + AID) == b"\x00"
            send(connection, b"\x02")
            assert (
                ask(connection, bytes.fromhex("906A000000")) == AID + b"\x91\x00"
            )  # reset: the card level is selected again
            field.remove()
            assert connection.recv(1) == b""
            connection.close()


def test_a_card_that_leaves_after_an_answer_lets_that_answer_out(vpcd: Vpcd) -> None:
    field, card = Field(), out_of_field()
    card.arm_pull("commit-done")
    field.place(card)
    with VpcdSlot(field, vpcd.port):
        connection = vpcd.accept()
        assert sell(Terminal(lambda apdu: ask(connection, apdu)), 2_500)[0] == 2
        assert connection.recv(1) == b""
        assert field.wait_removed(5)
        connection.close()


def test_native_commands_may_have_one_byte(vpcd: Vpcd) -> None:
    field = Field()
    field.place(out_of_field())
    with VpcdSlot(field, vpcd.port):
        connection = vpcd.accept()
        assert ask(connection, b"\x6a") == b"\x00" + AID
        assert ask(connection, b"\x60")[0] == 0xAF
        connection.close()


def test_a_pulled_card_closes_the_connection(vpcd: Vpcd) -> None:
    field, card = Field(), out_of_field()
    field.place(card)
    with VpcdSlot(field, vpcd.port):
        connection = vpcd.accept()
        field.remove()
        assert connection.recv(1) == b""
        connection.close()


def test_a_classic_has_no_apdus_and_is_not_inserted(vpcd: Vpcd) -> None:
    field = Field()
    with VpcdSlot(field, vpcd.port):
        field.place(ClassicCard(bytes(4)))
        vpcd.listener.settimeout(0.05)
        with pytest.raises(TimeoutError):
            vpcd.accept()


def test_frames_may_arrive_byte_by_byte(vpcd: Vpcd) -> None:
    field = Field()
    field.place(out_of_field())
    with VpcdSlot(field, vpcd.port):
        connection = vpcd.accept()
        for byte in b"\x00\x01\x04":
            connection.sendall(bytes([byte]))
        assert connection.recv(2) == b"\x00\x06"
        connection.close()
        until(lambda: field.card is not None)


def test_without_vpcd_the_error_says_what_is_missing(refusing_port: int) -> None:
    field = Field()
    field.place(out_of_field())
    with pytest.raises(ConnectionError, match="is pcscd running"):
        VpcdSlot(field, refusing_port).start()
