import pytest

from tests.simulator.card.terminal import AID, KEYS, Refusal, Terminal, blank_card, purse_card, span


@pytest.mark.parametrize(
    ("apdu", "answer"),
    [
        ("", "7e"),
        ("90", "6700"),
        ("905A0000", "6700"),
        ("905A000003015054", "917e"),  # Le missing
        ("905A00000401505400", "917e"),  # Lc too large
        ("905A00000201505400", "917e"),  # Lc too small
        ("905A00000301505401", "917e"),  # Le not zero
        ("905A00000000", "917e"),
        ("905A01000301505400", "919e"),
        ("905A00000301505400", "91a0"),  # no such application on a blank card
        ("9060000001", "919e"),
        ("90FF000000", "911c"),
        ("90AF000000", "911c"),
        ("FF", "1c"),
        ("5A0150", "7e"),
        ("00A4040007D2760000850101 00", "6a82"),
        ("00A4040007D276000085010000", "9000"),
        ("00A4", "6700"),
        ("00B0000000", "6985"),
        ("00840000", "6d00"),
    ],
)
def test_malformed_and_unknown_commands(apdu: str, answer: str) -> None:
    got = blank_card().exchange(bytes.fromhex(apdu))
    assert got is not None and got.hex() == answer


def test_native_and_wrapped_frames_say_the_same() -> None:
    card = purse_card()
    assert card.exchange(b"\x5a" + AID) == b"\x00"
    native = card.exchange(bytes.fromhex("BD01") + span(0, 4))
    wrapped = card.exchange(bytes.fromhex("90BD00000701") + span(0, 4) + b"\x00")
    assert native == b"\x00\x00\x01\x02\x03" and wrapped == b"\x00\x01\x02\x03\x91\x00"


def test_a_command_between_two_frames_is_aborted_and_the_next_one_runs() -> None:
    card = blank_card()
    assert card.exchange(b"\x60") is not None
    assert card.exchange(b"\x6a") == b"\xca"
    assert card.exchange(b"\x6a") == b"\x00"


def test_version_takes_three_frames_without_data() -> None:
    terminal = Terminal(blank_card().exchange)
    version = terminal.plain(0x60)
    assert (
        len(version) == 28
        and version[:4] == bytes.fromhex("04010112")
        and version[14:21] == b"\x04\x01" + bytes([2, 3, 4, 5, 6])
    )
    terminal.frame(0x60)
    assert terminal.frame(0xAF, b"\x00") == (0x7E, b"")
    assert terminal.frame(0xAF) == (0x1C, b"")


@pytest.mark.parametrize("full", [False, True])
def test_a_long_write_comes_in_parts(full: bool) -> None:
    card = blank_card()
    terminal = Terminal(card.exchange)
    terminal.plain(0xCA, AID + bytes.fromhex("0B84"))
    terminal.plain(0x5A, AID)
    terminal.authenticate(0, bytes(16))
    terminal.secure(0xCD, bytes([1, 3 if full else 1]) + bytes.fromhex("0000") + (200).to_bytes(3, "little"))
    content = bytes(range(150))
    body = terminal.body(0x3D, b"\x01" + span(20, 150), content, full)
    parts = [body[at : at + 52] for at in range(0, len(body), 52)]
    assert terminal.frame(0x3D, parts[0]) == (0xAF, b"")
    for part in parts[1:-1]:
        assert terminal.frame(0xAF, part) == (0xAF, b"")
    status, answer = terminal.frame(0xAF, parts[-1])
    assert status == 0 and terminal.open(answer) == b""
    assert terminal.secure(0xBD, b"\x01" + span(0, 200), full=full) == bytes(20) + content + bytes(30)
    assert terminal.secure(0xAD, b"\x01" + span(0, 0), full=full)[20:170] == content


def test_a_write_that_announces_more_than_the_file_holds_is_refused_at_once() -> None:
    terminal = Terminal(purse_card().exchange)
    terminal.open_purse(0)
    assert terminal.frame(0x3D, b"\x01" + span(0, 0xFFFFFF) + b"data") == (0xBE, b"")


def test_an_empty_part_of_a_write_is_refused() -> None:
    terminal = Terminal(purse_card().exchange)
    terminal.open_purse(0)
    assert terminal.frame(0x3D, b"\x01" + span(0, 32) + b"data") == (0xAF, b"")
    assert terminal.frame(0xAF) == (0x7E, b"")
    assert terminal.frame(0xAF, bytes(36)) == (0x1C, b"")


def test_too_many_bytes_in_a_write_are_refused() -> None:
    terminal = Terminal(purse_card().exchange)
    terminal.open_purse(0)
    with pytest.raises(Refusal) as refusal:
        terminal.secure(0x3D, b"\x01" + span(0, 3), b"four")
    assert refusal.value.status == 0x7E
    terminal.authenticate(0, KEYS[0])
    assert terminal.secure(0xBD, b"\x01" + span(0, 4)) == bytes(range(4))
