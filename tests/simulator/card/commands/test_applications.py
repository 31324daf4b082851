from collections.abc import Iterator

import pytest

from simulator.card import DesfireCard
from simulator.card.models import EV1
from simulator.card.state import PICC, CardState
from tests.simulator.card.reader_side import D40Reader, Ev1Reader, Reader
from tests.simulator.card.rich import AID, UID, key, reader_of, rich_card
from tests.simulator.card.terminal import blank_card

ZERO = bytes(16)


@pytest.fixture
def blank() -> Reader:
    return Reader(blank_card().exchange)


def aids(count: int) -> Iterator[bytes]:
    return (bytes([0x10, 0, number]) for number in range(count))


def df_names(reader: Reader) -> list[bytes]:
    """One entry a frame."""
    entries, status = [], 0xAF
    cmd = 0x6D
    while status == 0xAF:
        status, entry = reader.frame(cmd)
        entries.append(entry)
        cmd = 0xAF
    assert status == 0
    return entries


@pytest.mark.parametrize(
    ("key_byte", "kind"), [(0x02, "2K3DES"), (0x42, "3K3DES"), (0x8E, "AES"), (0x80, "AES")]
)
def test_keys_of_each_kind_and_up_to_fourteen(blank: Reader, key_byte: int, kind: str) -> None:
    assert blank.frame(0xCA, AID + bytes([0x0F, key_byte])) == (0, b"")
    assert blank.frame(0x5A, AID) == (0, b"")
    assert blank.frame(0x45) == (0, bytes([0x0F, key_byte]))
    for number in range(key_byte & 0x0F):
        assert blank.frame(0x64, bytes([number])) == (0, b"\x00")
    assert blank.frame(0x64, bytes([key_byte & 0x0F])) == (0x40, b"")


def test_an_application_without_keys_is_open_where_its_settings_say_so(blank: Reader) -> None:
    assert blank.frame(0xCA, AID + b"\x0f\x00") == (0, b"")
    assert blank.frame(0x5A, AID) == (0, b"")
    assert blank.frame(0xCD, bytes.fromhex("0100EEEE100000")) == (0, b"")
    assert blank.frame(0x0A, b"\x00") == (0x40, b"")


def test_iso_names_and_their_listing(blank: Reader) -> None:
    assert df_names(blank) == [b""]
    for number, (name, aid) in enumerate(zip((b"", b"one", b"a name of 16 byt"), aids(3), strict=True)):
        assert blank.frame(0xCA, aid + b"\x0f\x01" + bytes([number, 0xDF]) + name) == (0, b"")
    assert df_names(blank) == [
        b"\x10\x00\x00\x00\xdf",
        b"\x10\x00\x01\x01\xdfone",
        b"\x10\x00\x02\x02\xdfa name of 16 byt",
    ]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ("10000A 0F 01 01DF", 0xDE),  # ISO identifier of another
        ("10000A 0F 01 05DF 6F6E65", 0xDE),  # name of another
        ("10000A 0F 01 05", 0x7E),
        ("10000A 0F 01 05DF" + 17 * "41", 0x7E),
        ("10000A 0F 01 05DF" + 16 * "41", 0),
        ("10000A 0F 0F", 0x9E),  # 15 keys
        ("10000A 0F 11", 0x9E),  # key sets
        ("10000A 0F C1", 0x9E),
    ],
)
def test_names_that_are_taken_or_malformed(blank: Reader, data: str, status: int) -> None:
    assert blank.frame(0xCA, bytes.fromhex("100001 0F 01 01DF 6F6E65")) == (0, b"")
    assert blank.frame(0xCA, bytes.fromhex(data)) == (status, b"")


def test_an_ev1_has_room_for_28_applications_and_knows_no_ev2() -> None:
    card = DesfireCard(UID, None, CardState.factory(UID, EV1))
    card.enter_field()
    reader = Reader(card.exchange)
    assert [reader.frame(0xCA, aid + b"\x0f\x81")[0] for aid in aids(29)] == [0] * 28 + [0x0E]
    for cmd in (0x71, 0x77, 0xCE, 0xDB):
        assert reader.frame(cmd, bytes(8)) == (0x1C, b"")
    assert reader.whole(0x6A) == (0, b"".join(aids(28)))


def test_an_ev2_has_as_many_as_its_memory_holds() -> None:
    reader = Reader(blank_card().exchange)
    made = 0
    while reader.frame(0xCA, next(iter([made.to_bytes(3, "big")])) + b"\x0f\x81")[0] != 0x0E:
        made += 1
    assert made > 28


def test_what_was_deleted_is_free_again_after_a_format_only() -> None:
    card = rich_card("D40")
    empty, used = card.chip.state.model.memory_bytes, card.chip.state.free_bytes()
    reader = reader_of(card, "D40", "card")
    reader.ask(0xDA, AID)
    assert int.from_bytes(reader.ask(0x6E, size=3), "little") == used < empty
    reader.ask(0xFC)
    assert int.from_bytes(reader.ask(0x6E, size=3), "little") == empty


def test_the_card_s_master_key_deletes_and_the_selection_stays() -> None:
    card = rich_card("EV1-AES")
    reader = reader_of(card, "EV1-AES", "card")
    reader.ask(0xDA, AID)
    assert reader.ask(0x6A) == b""
    assert reader.whole(0xDA, AID + reader.body(0xDA, AID)) == (0xA0, b"")


@pytest.mark.parametrize(("settings", "status"), [(0x0F, 0), (0x0B, 0x9D)])
def test_an_application_s_master_key_deletes_it_where_the_card_allows_it(settings: int, status: int) -> None:
    card = rich_card("D40")
    card.chip.state.applications[PICC].settings = settings
    reader = reader_of(card, "D40", "application")
    assert reader.frame(0xDA, AID) == (status, b"")
    assert (AID in card.chip.state.applications) == bool(status)
    assert card.chip.aid == (AID if status else PICC)


@pytest.mark.parametrize("settings", [0x0F, 0x0B])
def test_nothing_is_deleted_or_formatted_without_a_key(settings: int) -> None:
    card = rich_card("D40")
    card.chip.state.applications[PICC].settings = settings
    before = card.dump()
    reader = Reader(card.exchange)
    assert reader.frame(0xDA, AID) == (0xAE, b"")
    assert reader.frame(0xFC) == (0xAE, b"")
    assert card.dump() == before


def test_the_card_level_and_others_cannot_be_deleted() -> None:
    card = rich_card("D40")
    reader = reader_of(card, "D40", "card")
    assert reader.frame(0xDA, PICC) == (0x9D, b"")
    card.chip.state.applications[PICC].settings = 0x0F
    reader = reader_of(card, "D40", "application")
    assert reader.frame(0xDA, b"\x01\x02\x03") == (0x9D, b"")


def test_creation_may_need_the_card_s_master_key() -> None:
    card = rich_card("EV1-2K3DES")
    assert Reader(card.exchange).frame(0xCA, b"\x01\x02\x03\x0f\x01") == (0xAE, b"")
    reader = reader_of(card, "EV1-2K3DES", "card")
    reader.ask(0xCA, b"\x01\x02\x03\x0f\x01")
    assert reader.ask(0x6A, size=6) == AID + b"\x01\x02\x03"


def test_a_long_listing_in_a_session_comes_in_frames_with_one_mac() -> None:
    card = blank_card()
    reader = Ev1Reader(card.exchange)
    reader.authenticate(0, "2K3DES", ZERO)
    for aid in aids(25):
        reader.ask(0xCA, aid + b"\x0f\x81")
    assert reader.ask(0x6A, size=75) == b"".join(aids(25))


def test_a_new_application_opens_with_the_default_key() -> None:
    card = blank_card()
    reader = D40Reader(card.exchange)
    reader.authenticate(0, "2K3DES", ZERO)
    value = key("3K3DES", 3).value
    reader.ask(0x5C, b"\x01", value + b"\x21", "full")
    for number, (code, kind, side) in enumerate(
        ((0x01, "2K3DES", D40Reader), (0x41, "3K3DES", Ev1Reader), (0x81, "AES", Ev1Reader))
    ):
        aid = bytes([7, 7, number])
        assert reader.frame(0xCA, aid + bytes([0x0F, code])) == (0, b"")
        assert reader.frame(0x5A, aid) == (0, b"")
        side(card.exchange).authenticate(0, kind, value[: 24 if kind == "3K3DES" else 16])
        assert card.chip.app.keys[0].version == (0x21 if kind == "AES" else card.chip.app.keys[0].version)
        reader.frame(0x5A, PICC)
