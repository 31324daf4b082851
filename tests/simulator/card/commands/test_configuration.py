import pytest

from tests.simulator.card.reader_side import D40Reader, Ev1Reader, Reader, crc_32, crc_a
from tests.simulator.card.rich import WAYS, reader_of, rich_card

SECURE = [way for way in WAYS if way != "plain"]
ATS = bytes.fromhex("0775778102804F")


def ask_open_ended(reader: Reader, header: bytes, data: bytes) -> int:
    """Data whose end the padding marks, as the ATS goes; in EV2 all data are like that."""
    if isinstance(reader, D40Reader):
        body = reader.sealed(data + crc_a(data) + b"\x80")
    elif isinstance(reader, Ev1Reader):
        body = reader.sealed(data + crc_32(b"\x5c" + header + data) + b"\x80")
    else:
        body = reader.body(0x5C, header, data, "full")
    return reader.frame(0x5C, header + body)[0]


@pytest.mark.parametrize("way", SECURE)
def test_the_ats_is_used_from_the_next_activation(way: str) -> None:
    card = rich_card(way)
    reader = reader_of(card, way, "card")
    assert ask_open_ended(reader, b"\x02", ATS) == 0
    assert card.chip.state.configuration.ats == ATS
    card.activate()
    assert card.rf_frame(b"\xe0\x50") == ATS


@pytest.mark.parametrize("ats", [ATS[:-1], ATS + b"\x00", b"\x01", bytes([21]) + bytes(20), b"\x00"])
def test_what_is_no_ats(ats: bytes) -> None:
    card = rich_card("EV1-AES")
    before = card.dump()
    assert ask_open_ended(reader_of(card, "EV1-AES", "card"), b"\x02", ats) == 0x9E
    assert card.dump() == before


@pytest.mark.parametrize("way", ["D40", "EV1-3K3DES", "EV1-AES"])
def test_padding_is_zeros(way: str) -> None:
    for pad, status in ((b"\x00", 0), (b"\x01", 0x1E), (b"\x80", 0x1E)):
        card = rich_card(way)
        reader = reader_of(card, way, "card")
        assert isinstance(reader, D40Reader | Ev1Reader)
        data = b"\x00"
        crc = crc_a(data) if isinstance(reader, D40Reader) else crc_32(b"\x5c\x00" + data)
        assert reader.frame(0x5C, b"\x00" + reader.sealed(data + crc + pad))[0] == status


@pytest.mark.parametrize("way", SECURE)
def test_format_can_be_forbidden_for_ever(way: str) -> None:
    card = rich_card(way)
    reader = reader_of(card, way, "card")
    reader.ask(0x5C, b"\x00", b"\x01", "full")
    reader.ask(0x5C, b"\x00", b"\x00", "full")
    before = card.dump()
    assert reader.frame(0xFC, reader.body(0xFC, b"")) == (0x9D, b"")
    assert card.dump() == before


def test_a_random_uid_comes_with_the_next_power_on_and_hides_the_true_one() -> None:
    card = rich_card("D40")
    reader = reader_of(card, "D40", "card")
    reader.ask(0x5C, b"\x00", b"\x02", "full")
    reader.ask(0x5C, b"\x00", b"\x00", "full")  # which takes nothing back
    assert card.rf_uid == card.uid
    seen = set()
    for _ in range(3):
        card.leave_field()
        card.enter_field()
        assert len(card.rf_uid) == 4 and card.rf_uid[0] == 0x08
        card.activate()
        seen.add(card.rf_uid)
    assert len(seen) == 3
    assert reader.whole(0x60)[1][14:21] == bytes(7)
    assert reader_of(card, "D40", "card").ask(0x51, b"", b"", "full", 7) == card.uid


@pytest.mark.parametrize(
    ("level", "option", "data", "status"),
    [
        ("card", 0x00, b"\x04", 0x9E),
        ("card", 0x00, b"\x01\x00", 0x7E),
        ("card", 0x01, bytes(24), 0x7E),
        ("card", 0x03, b"\x01", 0x9E),
        ("application", 0x00, b"\x01", 0x9D),
    ],
)
def test_bad_configurations(level: str, option: int, data: bytes, status: int) -> None:
    card = rich_card("EV2")
    before = card.dump()
    reader = reader_of(card, "EV2", level)
    header = bytes([option])
    assert reader.frame(0x5C, header + reader.body(0x5C, header, data, "full")) == (status, b"")
    assert card.dump() == before


def test_without_a_session_nothing_is_configured() -> None:
    assert Reader(rich_card("EV2").exchange).frame(0x5C, b"\x00\x01") == (0xAE, b"")
