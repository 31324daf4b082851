"""The tag's own rules: what is free, what a key opens, what is refused, and that refusals change nothing."""

import json
from random import Random

import pytest

from simulator.card import LeftField, Ntag424Card, card_from_state, crypto
from tests.simulator.card.ntag424.tag import (
    APPLICATION,
    NDEF_FILE,
    READ_ALL,
    UID,
    ZERO,
    ask,
    change_key,
    fresh,
    known,
    settings,
)
from tests.simulator.card.terminal import Refusal, Terminal

SDM = "40 00E0 C1F121 200000 430000 430000"


def refused(card: Ntag424Card, apdu: str) -> str:
    """The status word; nothing on the card changes."""
    before = card.dump()
    answer = ask(card, bytes.fromhex(apdu))
    assert card.dump() == before and len(answer) == 2
    return answer.hex().upper()


def test_factory_files() -> None:
    card = fresh()
    assert ask(card, bytes.fromhex("00A4000C02E103")) == b"\x90\x00"
    assert ask(card, bytes.fromhex("00B000000F"))[:-2].hex() == "001720010000ff0406e10401000000"
    shown = [ask(card, bytes([0x90, 0xF5, 0, 0, 1, number, 0])).hex() for number in (1, 2, 3)]
    assert shown == ["000000e02000009100", "0000e0ee0001009100", "00033023800000" + "9100"]
    assert ask(card, bytes.fromhex("00B0840000"))[:-2] == bytes(256), "short file identifier 04"


def test_version_in_three_frames() -> None:
    card = fresh(selected=False)
    terminal = Terminal(card.exchange)
    version = terminal.plain(0x60)
    assert len(version) == 28 and version[14:21] == UID and version[1] == 0x04
    signed = known(fresh())
    assert signed.secure(0x60) == version


@pytest.mark.parametrize(
    ("apdu", "sw"),
    [
        ("00A4040007D276000085010200", "6A82"),
        ("00A4000C02E1FF", "6A82"),
        ("00A4030002E104", "6A86"),
        ("00A4000C01E1", "6700"),
        ("00A4000C03E104", "6700"),
        ("00B0000000", "6985"),
        ("00B09F0000", "6A82"),
        ("00B0E40000", "6A86"),
        ("00B0", "6700"),
        ("00D6000001", "6700"),
        ("00D68300016100", "6700"),
        ("00D683000161", "6982"),
        ("00C0000000", "6D00"),
        ("80B0000000", "6E00"),
        ("00", "6700"),
        ("", "6700"),
        ("90F500000109FF", "917E"),
        ("90F50000010900", "91F0"),
        ("90F500000200", "917E"),
        ("90F501000102 00", "919E"),
        ("9099000000", "911C"),
        ("90AF000000", "911C"),
        ("9071000002050000", "9140"),
        ("907100000100 00", "917E"),
        ("90710000030001 0200", "919D"),
        ("907700000100 00", "91AE"),
        ("9051000000", "91AE"),
        ("90C400000100 00", "91AE"),
        ("905F00000402 00EEEE 00", "91AE"),
        ("90F60000010200", "919E"),
        ("90AD00000703 000000 000000 00", "91AE"),
        ("90AD00000702 000100 000000 00", "91BE"),
        ("90AD00000702 000000 010100 00", "91BE"),
        ("908D00000802 000000 020000 41 00", "917E"),
        ("908D00000802 000100 010000 41 00", "91BE"),
        ("908D00000801 000000 010000 41 00", "91AE"),
    ],
)
def test_refusals(apdu: str, sw: str) -> None:
    assert refused(fresh(), apdu) == sw


@pytest.mark.parametrize("apdu", ["90F50000010200", "90AD00000702 000000 000000 00", "00A4020C02E104"])
def test_at_card_level_there_are_no_files(apdu: str) -> None:
    assert refused(fresh(selected=False), apdu) in ("919D", "6A82")


def test_no_frame_crashes_it() -> None:
    rng = Random(4)
    card = fresh()
    for _ in range(5000):
        head = rng.choice((b"\x90", b"\x00", b""))
        command = bytes(
            [rng.choice((0x71, 0xAF, 0xC4, 0x5F, 0xF5, 0xF6, 0xAD, 0x8D, 0x64, 0xA4, 0xB0, 0xD6))]
        )
        body = rng.randbytes(rng.randrange(0, 30))
        fitting = b"\x00\x00" + bytes([len(body)]) + body + b"\x00"
        ask(card, head + command + (fitting if rng.random() < 0.7 else body))
    assert [key.value for key in card.chip.state.keys] == [ZERO] * 5


def test_a_key_opens_its_file_and_uid_and_nothing_else() -> None:
    card = fresh()
    terminal = known(card, 3)
    assert terminal.secure(0x51, full=True) == UID
    assert terminal.secure(0x64, b"\x04") == b"\x00"
    data = bytes(range(16))
    terminal.secure(0x8D, bytes.fromhex("03000000100000"), data, full=True)
    assert terminal.secure(0xAD, bytes.fromhex("03000000100000"), full=True) == data
    with pytest.raises(Refusal, match="AE"):
        settings(terminal, 2, SDM)
    assert refused(card, "9051000000") == "91AE", "the refusal ended the session"


def test_authentication_goes_on_with_another_key() -> None:
    card = fresh()
    terminal = known(card)
    terminal.secure(0x64, b"\x00")
    terminal.authenticate(2, ZERO, first=False)
    assert terminal.secure(0x51, full=True) == UID


def test_a_wrong_key_and_a_wrong_mac_open_nothing() -> None:
    card = fresh()
    with pytest.raises(Refusal, match="AE"):
        known(card, 0, b"\x01" * 16)
    terminal = known(card)
    terminal.counter = 3
    with pytest.raises(Refusal, match="1E"):
        terminal.secure(0x64, b"\x00")


def test_keys_change_under_key_0_alone_and_with_the_old_value_known() -> None:
    card = fresh()
    change_key(known(card), 3, ZERO, b"\x07" * 16)
    assert known(card, 3, b"\x07" * 16)
    with pytest.raises(Refusal, match="1E"):
        change_key(known(card), 3, ZERO, b"\x08" * 16)
    with pytest.raises(Refusal, match="AE"):
        change_key(known(card, 4), 3, b"\x07" * 16, b"\x08" * 16)
    assert card.chip.state.keys[3].value == b"\x07" * 16


def test_iso_reading_is_closed_while_somebody_is_authenticated() -> None:
    card = fresh()
    ask(card, NDEF_FILE)
    known(card)
    assert ask(card, READ_ALL) == b"\x69\x82"


@pytest.mark.parametrize(
    "content",
    [
        "40 00E0 C1F121 200000 430000",
        "40 00E0 C1F121 200000 430000 430000 00",
        "40 00E0 C1F121 200000 440000 430000",
        "40 00E0 C1F121 200000 300000 300000",
        "40 00E0 C1F121 F00000 430000 430000",
        "40 00E0 C1F121 200000 F10000 F10000",
        "40 00E0 C0F121 200000 430000 430000",
        "40 00E0 C3F121 200000 430000 430000",
        "40 00E0 C1F1F5 430000 430000",
        "40 00E0 C10121 200000 430000 430000",
        "40 00E0 D1F121 200000 400000 400000 210000 700000",
        "80 00E0",
        "02 00E0",
        "00 00E7",
        "00 00E0 00",
        "00 00",
    ],
)
def test_settings_that_no_card_takes(content: str) -> None:
    card = fresh()
    before = card.dump()
    with pytest.raises(Refusal, match=r"9E|7E"):
        settings(known(card), 2, content)
    assert card.dump() == before


def test_messages_are_signed_for_the_ndef_file_alone() -> None:
    with pytest.raises(Refusal, match="9E"):
        settings(known(fresh()), 3, "43 3023 C1F121 000000 430000 430000")


def reading(card: Ntag424Card) -> bytes:
    assert ask(card, NDEF_FILE) == b"\x90\x00"
    return ask(card, READ_ALL)[:-2]


def test_the_read_counter_rises_with_each_first_read() -> None:
    card = fresh()
    settings(known(card), 2, SDM)
    ask(card, APPLICATION)
    first, second = reading(card), reading(card)
    assert card.read_counter == 2 and first != second
    ask(card, NDEF_FILE)
    parts = b"".join(ask(card, bytes([0, 0xB0, 0, at, 64]))[:-2] for at in range(0, 256, 64))
    assert card.read_counter == 3, "a message read in parts is one"
    whole = ask(card, READ_ALL)[:-2]
    assert whole == parts
    assert ask(card, bytes.fromhex("90AD00000702000000000000 00"))[-2:] == b"\x91\x00"
    assert card.read_counter == 4, "the other read command counts anew"
    ask(card, bytes.fromhex("90F50000010200"))
    ask(card, bytes.fromhex("90AD00000702000000000000 00"))
    assert card.read_counter == 5


def test_in_a_session_nothing_is_mirrored_and_nothing_counted() -> None:
    card = fresh()
    terminal = known(card)
    settings(terminal, 2, SDM)
    body = terminal.plain(0xAD, bytes.fromhex("02000000000000"))
    assert body == bytes(256) and card.read_counter == 0
    assert known(card, 1).secure(0xF6, b"\x02", full=True) == bytes(5)
    with pytest.raises(Refusal, match="AE"):
        known(card, 4).secure(0xF6, b"\x02", full=True)


def test_at_the_limit_nobody_reads_without_a_key() -> None:
    card = fresh()
    settings(known(card), 2, "40 00E0 E1F121 200000 430000 430000 020000")
    for _ in range(2):
        ask(card, APPLICATION)
        reading(card)
    ask(card, APPLICATION)
    ask(card, NDEF_FILE)
    assert ask(card, READ_ALL) == b"\x69\x82"
    assert ask(card, bytes.fromhex("90AD00000702000000000000 00")) == b"\x91\xae"


def test_plain_mirrors_and_an_encrypted_part() -> None:
    card = fresh()
    text = b"u=" + b"0" * 14 + b"x" + b"0" * 6 + b"&c=" + b"secret of 16 byt" + b"0" * 16 + b"&m=" + b"0" * 16
    ask(card, NDEF_FILE)
    assert ask(card, b"\x00\xd6\x00\x00" + bytes([len(text)]) + text) == b"\x90\x00"
    at = [2, 17, 0, 26, 32, 61]
    offsets = b"".join(number.to_bytes(3, "little") for number in at)
    settings(known(card), 2, "40 00E0 D1FEE3 " + offsets.hex())
    ask(card, APPLICATION)
    shown = reading(card)
    assert shown[2:23] == UID.hex().upper().encode() + b"x000001"
    vector = UID + b"\x01\x00\x00"
    encrypt = crypto.cmac(ZERO, bytes.fromhex("C33C00010080") + vector)
    iv = crypto.aes_block(encrypt, b"\x01\x00\x00" + bytes(13))
    opened = crypto.aes_cbc_decrypt(encrypt, iv, bytes.fromhex(shown[26:58].decode()))
    assert opened == b"secret of 16 byt"
    mac = crypto.cmac(crypto.cmac(ZERO, bytes.fromhex("3CC300010080") + vector), shown[:61])
    assert shown[61:77] == crypto.truncate(mac).hex().upper().encode()


def test_its_memory_outlives_the_field_and_goes_through_json() -> None:
    card = fresh()
    terminal = known(card)
    change_key(terminal, 1, ZERO, b"\x05" * 16)
    settings(terminal, 2, SDM)
    ask(card, APPLICATION)
    reading(card)
    again = card_from_state(json.loads(json.dumps(card.dump())), Random(1))
    assert isinstance(again, Ntag424Card) and again.dump() == card.dump() and again.read_counter == 1
    with pytest.raises(ValueError, match="no card that dump"):
        card_from_state({**card.dump(), "keys": []})
    with pytest.raises(ValueError, match="no card that dump"):
        harmed = card.dump()
        harmed["files"]["2"]["sdm"] = "C1"
        card_from_state(harmed)


def test_power_lost_before_a_step_changes_nothing_and_after_it_everything() -> None:
    for moment, counted in (("before", 0), ("after", 1)):
        card = fresh()
        settings(known(card), 2, SDM)
        ask(card, APPLICATION)
        ask(card, NDEF_FILE)

        def cut(when: str, step: str, moment: str = moment) -> None:
            if (when, step) == (moment, "count read"):
                raise LeftField

        card.tear_hook = cut
        assert card.exchange(READ_ALL) is None and not card.in_field
        assert card.read_counter == counted


def test_a_uid_has_seven_bytes() -> None:
    with pytest.raises(ValueError, match="7 bytes"):
        Ntag424Card(b"\x01\x02\x03\x04")
