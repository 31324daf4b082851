import pytest

from simulator.card.rights import Rights
from tests.simulator.card.reader_side import Reader
from tests.simulator.card.rich import (
    AID,
    CYCLIC,
    LINEAR,
    STANDARD,
    VALUE,
    WAYS,
    key,
    reader_of,
    rich_card,
)

SECURE = [way for way in WAYS if way != "plain"]


@pytest.fixture
def free() -> Reader:
    """An application that is open to everybody, selected."""
    return reader_of(rich_card("plain"), "plain", "application")


def test_files_are_listed_with_their_iso_identifiers(free: Reader) -> None:
    assert free.frame(0x6F) == (0, bytes(range(1, 7)))
    assert free.frame(0x61) == (0, bytes.fromhex("01E1"))
    assert free.frame(0xCB, bytes.fromhex("1F02E100EEEE200000")) == (0, b"")
    assert free.frame(0xC1, bytes.fromhex("0003E100EEEE200000020000")) == (0, b"")
    assert free.frame(0x61) == (0, bytes.fromhex("03E101E102E1"))
    assert free.frame(0x6F) == (0, bytes([0, *range(1, 7), 31]))


@pytest.mark.parametrize(
    ("cmd", "data", "status"),
    [
        (0xCD, "0901E100EEEE200000", 0xDE),  # the ISO identifier of another file
        (0xCD, "09E100EEEE200000", 0x7E),
        (0xCC, "0905E100EEEE00000000000000000000000000", 0x7E),  # a value file has none
        (0xC1, "0900EEEE100000000000", 0x9E),  # no records
        (0xC1, "0900EEEE000000020000", 0x9E),
        (0xC1, "0900EEEEFFFFFFFFFFFF", 0x0E),
    ],
)
def test_files_that_cannot_be(free: Reader, cmd: int, data: str, status: int) -> None:
    assert free.frame(cmd, bytes.fromhex(data)) == (status, b"")
    assert free.frame(0x6F) == (0, bytes(range(1, 7)))


def test_an_application_without_iso_files_takes_no_iso_identifier() -> None:
    card = rich_card("plain")
    card.chip.state.applications[AID].iso_files = False
    reader = reader_of(card, "plain", "application")
    assert reader.frame(0xCD, bytes.fromhex("0902E100EEEE200000")) == (0x9E, b"")


def test_thirty_two_files_are_all(free: Reader) -> None:
    for number in (0, *range(7, 32)):
        assert free.frame(0xCD, bytes([number]) + bytes.fromhex("00EEEE010000")) == (0, b"")
    assert free.frame(0xCD, bytes([32]) + bytes.fromhex("00EEEE010000")) == (0x9E, b"")
    assert free.whole(0x6F) == (0, bytes(range(32)))


@pytest.mark.parametrize("way", SECURE)
def test_settings_change_with_the_key_that_may(way: str) -> None:
    card = rich_card(way, rights=Rights(0, 0, 0, 1))
    kind, _ = WAYS[way]
    reader = reader_of(card, way, "application")
    new = b"\x01" + Rights(1, 2, 0xF, 1).encode()
    header = bytes([STANDARD])
    assert reader.frame(0x5F, header + reader.body(0x5F, header, new, "full")) == (0xAE, b"")
    reader.authenticate(1, kind, key(kind, 1).value)
    reader.ask(0x5F, header, new, "full")
    file = card.chip.app.files[STANDARD]
    assert (file.comm_code, file.rights) == (1, Rights(1, 2, 0xF, 1))
    reader.authenticate(0, kind, key(kind, 0).value)
    assert reader.ask(0xF5, header, size=7) == b"\x00" + new + b"\x64\x00\x00"


@pytest.mark.parametrize("way", WAYS)
def test_where_everybody_may_change_settings_the_command_is_plain(way: str) -> None:
    card = rich_card(way, rights=Rights(0, 0, 0, 0xE))
    reader = reader_of(card, way, "application")
    reader.ask(0x5F, bytes([STANDARD]) + b"\x00" + Rights(0, 0, 0, 0xF).encode())
    refused = reader.whole(0x5F, bytes([STANDARD]) + reader.body(0x5F, bytes([STANDARD]), bytes(3), "full"))
    assert refused == (0x9D, b"")


@pytest.mark.parametrize("settings", ["020000", "040000", "81EEEE", "003333"])
def test_settings_that_cannot_be(free: Reader, settings: str) -> None:
    status, _ = free.frame(0x5F, bytes([STANDARD]) + bytes.fromhex(settings))
    assert status == (0 if settings == "020000" else 0x9E)


def test_a_deleted_file_leaves_its_transaction_and_its_memory_is_lost(free: Reader) -> None:
    before = free.frame(0x6E)
    assert free.frame(0xDC, bytes([VALUE]) + b"\x01\x00\x00\x00") == (0, b"")
    assert free.frame(0xDF, bytes([VALUE])) == (0, b"")
    assert free.frame(0xDF, bytes([VALUE])) == (0xF0, b"")
    assert free.frame(0x6F) == (0, bytes([1, 2, 4, 5, 6]))
    assert free.frame(0xC7) == (0x0C, b"")
    assert free.frame(0x6E) == before


def test_a_file_made_anew_knows_nothing_of_the_old_one(free: Reader) -> None:
    assert free.frame(0x3B, bytes([CYCLIC]) + bytes(3) + b"\x01\x00\x00" + b"x") == (0, b"")
    assert free.frame(0xEB, bytes([LINEAR])) == (0, b"")
    for number, cmd in ((CYCLIC, 0xC0), (LINEAR, 0xC1)):
        assert free.frame(0xDF, bytes([number])) == (0, b"")
        assert free.frame(cmd, bytes([number]) + bytes.fromhex("00EEEE100000030000")) == (0, b"")
        assert free.frame(0x3B, bytes([number]) + bytes(3) + b"\x01\x00\x00" + b"y") == (0, b"")
    assert free.frame(0xC7) == (0, b"")
    for number in (CYCLIC, LINEAR):
        assert free.frame(0xBB, bytes([number]) + bytes(6)) == (0, b"y" + bytes(15))


def test_deletion_may_need_the_master_key() -> None:
    card = rich_card("D40")
    reader = Reader(card.exchange)
    assert reader.frame(0x5A, AID) == (0, b"")
    assert reader.frame(0xDF, bytes([VALUE])) == (0xAE, b"")
