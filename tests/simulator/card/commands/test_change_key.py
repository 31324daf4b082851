"""ChangeKey in its forms, in every way of messaging."""

import pytest

from simulator.card.keys import KINDS
from tests.simulator.card.reader_side import D40Reader, Ev1Reader
from tests.simulator.card.requests import change_of_another_key
from tests.simulator.card.rich import AID, WAYS, key, reader_of, rich_card
from tests.simulator.card.terminal import blank_card

SECURE = [way for way in WAYS if way != "plain"]


def new_data(kind: str, value: bytes, version: int) -> bytes:
    return value + (bytes([version]) if kind == "AES" else b"")


@pytest.mark.parametrize("way", SECURE)
def test_another_key(way: str) -> None:
    card, kind = rich_card(way), WAYS[way][0]
    reader = reader_of(card, way, "application")
    data, tail = change_of_another_key(kind, reader)
    status, answer = reader.frame(0xC4, b"\x01" + reader.body(0xC4, b"\x01", data, "full", tail))
    assert status == 0 and reader.open(answer) == b""
    changed = card.chip.app.keys[1]
    assert changed.value == key(kind, 7).value and changed.kind.name == kind
    version = 5 if kind == "AES" else key(kind, 7).version
    assert reader.ask(0x64, b"\x01", size=1) == bytes([version])
    reader.authenticate(1, kind, changed.value)


@pytest.mark.parametrize("way", SECURE)
def test_another_key_with_a_wrong_old_one_or_checksum_stays(way: str) -> None:
    kind = WAYS[way][0]
    for spoil in ("old", "checksum", "length"):
        card = rich_card(way)
        before = card.dump()
        reader = reader_of(card, way, "application")
        data, tail = change_of_another_key(kind, reader)
        if spoil == "old":
            data = bytes([data[0] ^ 2]) + data[1:]
        elif spoil == "checksum":
            tail = bytes([tail[0] ^ 1]) + tail[1:]
        else:
            data = data[:-1]
        status, _ = reader.frame(0xC4, b"\x01" + reader.body(0xC4, b"\x01", data, "full", tail))
        assert status in (0x1E, 0x7E) and card.dump() == before


@pytest.mark.parametrize("way", SECURE)
def test_the_key_of_the_session_ends_it_and_the_answer_bears_nothing(way: str) -> None:
    card, kind = rich_card(way), WAYS[way][0]
    reader = reader_of(card, way, "application")
    value = key(kind, 8).value
    body = reader.body(0xC4, b"\x00", new_data(kind, value, 3), "full")
    assert reader.frame(0xC4, b"\x00" + body) == (0, b"")
    assert card.chip.session is None
    reader.authenticate(0, kind, value)


@pytest.mark.parametrize("new_kind", KINDS)
@pytest.mark.parametrize("way", SECURE)
def test_the_card_s_key_changes_its_kind_with_the_number_s_upper_bits(way: str, new_kind: str) -> None:
    card = rich_card(way)
    reader = reader_of(card, way, "card")
    number, value = bytes([KINDS[new_kind].code]), key(new_kind, 9).value
    body = reader.body(0xC4, number, new_data(new_kind, value, 0x42), "full")
    assert reader.frame(0xC4, number + body) == (0, b"")
    changed = card.chip.app.keys[0]
    assert (changed.kind.name, changed.value) == (new_kind, value)
    assert changed.version == (0x42 if new_kind == "AES" else key(new_kind, 9).version)
    again = Ev1Reader(card.exchange)
    again.authenticate(0, new_kind, value)
    assert again.ask(0x45, size=2) == bytes([card.chip.app.settings, KINDS[new_kind].code | 1])


def test_a_blank_card_becomes_aes_as_personalisation_makes_it() -> None:
    card = blank_card()
    reader = D40Reader(card.exchange)
    reader.authenticate(0, "2K3DES", bytes(16))
    body = reader.body(0xC4, b"\x80", bytes(range(16)) + b"\x01", "full")
    assert reader.frame(0xC4, b"\x80" + body) == (0, b"")
    assert reader.frame(0x0A, b"\x00") == (0xAE, b"")
    Ev1Reader(card.exchange).authenticate(0, "AES", bytes(range(16)))


@pytest.mark.parametrize(("level", "number", "status"), [("card", 0xC0, 0x9E), ("card", 0x01, 0x40)])
def test_what_is_no_key_of_the_card(level: str, number: int, status: int) -> None:
    card = rich_card("EV1-AES")
    before = card.dump()
    reader = reader_of(card, "EV1-AES", level)
    assert reader.frame(0xC4, bytes([number]) + bytes(32)) == (status, b"")
    assert card.dump() == before


def test_an_application_s_keys_are_of_one_kind() -> None:
    card = rich_card("EV1-AES")
    reader = reader_of(card, "EV1-AES", "application")
    assert reader.frame(0xC4, b"\x40" + bytes(32)) == (0x40, b"")


def test_parity_bits_of_a_des_key_are_its_version() -> None:
    card = blank_card()
    reader = D40Reader(card.exchange)
    reader.authenticate(0, "2K3DES", bytes(16))
    value = bytes.fromhex("0001000100010001") * 2
    body = reader.body(0xC4, b"\x00", value, "full")
    assert reader.frame(0xC4, b"\x00" + body) == (0, b"")
    assert reader.frame(0x64, b"\x00") == (0, b"\x55")
    D40Reader(card.exchange).authenticate(0, "2K3DES", value)


def test_settings_can_be_frozen() -> None:
    card = rich_card("D40")
    reader = reader_of(card, "D40", "application")
    reader.ask(0x54, b"", b"\x01", "full")
    assert card.chip.app.settings == 0x01
    status, _ = reader.frame(0x54, reader.body(0x54, b"", b"\x0f", "full"))
    assert status == 0x9D and card.chip.app.settings == 0x01


def test_settings_of_the_card_have_no_upper_half() -> None:
    card = rich_card("D40")
    reader = reader_of(card, "D40", "card")
    assert reader.frame(0x54, reader.body(0x54, b"", b"\x1f", "full")) == (0x9E, b"")
    assert card.chip.state.applications[AID].settings == 0x09
