"""The host's own commands against the virtual card, frame by frame."""

import pytest

from protocol.card import apdu, commands, ev2, layout, purse, tmac
from protocol.card.apdu import CardError
from tests.protocol.card.test_purse import Reader
from tests.simulator.card.terminal import KEYS, UID, purse_card

CREDIT = KEYS[layout.KEY_CREDIT]
RND_A = bytes(range(16))


def reader() -> Reader:
    return Reader(purse_card(10_000, rights=layout.RIGHTS))


def session(at: Reader, key_no: int = layout.KEY_MASTER) -> ev2.Session:
    return apdu.run(purse.authenticate(key_no, KEYS[key_no], RND_A), at)


def test_the_card_says_what_it_is_in_and_outside_a_session() -> None:
    at = reader()
    plain = apdu.run(commands.get_version(), at)
    assert (plain.uid, plain.is_desfire_ev2) == (UID, True)
    opened = session(at)
    assert apdu.run(commands.get_version(opened), at).uid == UID
    assert apdu.run(commands.get_card_uid(opened), at) == UID


@pytest.mark.parametrize(
    ("hardware", "is_ev2"),
    [
        ("04010101001A05", False),
        ("04010112001A05", True),
        ("04010133001605", True),
        ("04040230001105", False),
    ],
)
def test_what_knows_ev2_messaging(hardware: str, is_ev2: bool) -> None:
    assert commands.Version(bytes.fromhex(hardware) + bytes(21)).is_desfire_ev2 is is_ev2


def test_a_version_that_is_cut_is_none() -> None:
    with pytest.raises(CardError, match="version of 3 bytes"):
        apdu.run(commands.get_version(), lambda _command: b"abc\x91\x00")


def test_keys_files_and_settings_are_told() -> None:
    at = reader()
    opened = session(at)
    assert apdu.run(commands.get_file_ids(opened), at) == bytes(sorted(layout.RIGHTS))
    assert apdu.run(commands.get_file_settings(opened, layout.FILE_VALUE), at)[0] == 2
    assert len(apdu.run(commands.get_key_version(opened, layout.KEY_DEBIT), at)) == 1


def test_a_session_goes_on_under_another_key_with_its_transaction() -> None:
    at = reader()
    opened = session(at, layout.KEY_DEBIT)
    apdu.run(purse.change_value(opened, tmac.DEBIT, 300), at)
    ti, counter = opened.ti, opened.counter
    apdu.run(commands.reauthenticate(opened, layout.KEY_CREDIT, CREDIT, RND_A), at)
    assert (opened.ti, opened.counter) == (ti, counter)
    apdu.run(purse.change_value(opened, tmac.CREDIT, 100), at)
    apdu.run(purse.commit(opened), at)
    assert at.value_fen() == 9_800


def test_a_card_without_the_other_key_is_refused() -> None:
    at = reader()
    opened = session(at, layout.KEY_DEBIT)
    with pytest.raises(CardError, match="does not accept our key"):
        apdu.run(commands.reauthenticate(opened, layout.KEY_CREDIT, bytes(16), RND_A), at)


def test_what_was_not_committed_is_forgotten() -> None:
    at = reader()
    opened = session(at, layout.KEY_DEBIT)
    apdu.run(purse.change_value(opened, tmac.DEBIT, 300), at)
    apdu.run(commands.abort(opened), at)
    with pytest.raises(CardError, match="0C"):
        apdu.run(purse.commit(opened), at)
    assert at.value_fen() == 10_000


def test_another_key_is_changed_under_mac_and_the_own_key_ends_the_session() -> None:
    at = reader()
    opened = session(at)
    fresh = b"R" * 16
    apdu.run(commands.change_key(opened, layout.KEY_READ, fresh, 9, KEYS[layout.KEY_READ]), at)
    assert apdu.run(commands.get_key_version(opened, layout.KEY_READ), at) == b"\x09"
    apdu.run(commands.change_key(opened, layout.KEY_MASTER, b"M" * 16, 9), at)
    apdu.run(purse.authenticate(layout.KEY_READ, fresh, RND_A), at)
    apdu.run(purse.authenticate(layout.KEY_MASTER, b"M" * 16, RND_A), at)


def long_file(at: Reader, comm: int, size: int = 200) -> ev2.Session:
    opened = session(at)
    settings = bytes([9, comm]) + layout.rights(0, 0, 0, 0) + size.to_bytes(3, "little")
    apdu.run(commands.send(opened, 0xCD, settings), at)
    return opened


@pytest.mark.parametrize("comm", [layout.COMM_PLAIN, layout.COMM_MAC, layout.COMM_FULL])
@pytest.mark.parametrize("size", [1, 40, 45, 59, 60, 150, 200])
def test_data_longer_than_a_frame_goes_in_several(comm: int, size: int) -> None:
    at = reader()
    opened = long_file(at, comm)
    data = bytes(number & 0xFF for number in range(size))
    apdu.run(commands.write_data(opened, 9, 0, data, comm), at)
    assert apdu.run(commands.read_data(opened, 9, 0, size, comm), at) == data


def test_a_card_that_refuses_in_the_middle_of_a_command() -> None:
    at = reader()
    opened = long_file(at, layout.COMM_PLAIN, 100)
    with pytest.raises(CardError) as caught:
        apdu.run(commands.write_data(opened, 9, 0, bytes(150)), at)
    assert caught.value.status == 0xBE


def test_an_answer_in_the_middle_of_a_command_is_none() -> None:
    answers = iter([b"x\x91\xaf"])
    with pytest.raises(CardError, match="part of a command"):
        apdu.run(commands.write_data(None, 9, 0, bytes(150)), lambda _command: next(answers))


def test_a_record_is_written_and_read() -> None:
    at = reader()
    opened = session(at, layout.KEY_DEBIT)
    record = bytes(range(layout.LOG_SIZE))
    apdu.run(commands.write_record(opened, layout.FILE_LOG, 0, record, layout.COMM_MAC), at)
    apdu.run(purse.commit(opened), at)
    assert at.log() == [record]


def test_a_list_of_applications_that_is_cut_is_none() -> None:
    with pytest.raises(CardError, match="list of applications"):
        apdu.run(commands.get_application_ids(None), lambda _command: b"ab\x91\x00")
    found = apdu.run(commands.get_application_ids(None), lambda _command: b"abcdef\x91\x00")
    assert found == [b"abc", b"def"]
