import pytest

from simulator.card.files import BackupFile
from simulator.card.rights import Rights
from tests.simulator.card.rich import AID, BACKUP, STANDARD, reader_of, rich_card

CARD, RICH, STANDARD_ID = "D2760000850100", b"rich".hex(), "E101"
SELECT_RICH = f"00A4040004{RICH}00"


def told(apdus: list[str]) -> str:
    """The last answer, in hex."""
    card = rich_card("plain")
    answer = b""
    for apdu in apdus:
        answer = card.exchange(bytes.fromhex(apdu)) or b""
    return answer.hex()


@pytest.mark.parametrize(
    ("select", "answer"),
    [
        (SELECT_RICH, "9000"),
        (f"00A4040C04{RICH}", "9000"),
        (f"00A4040007{CARD}", "9000"),
        ("00A4040007D276000085010199", "6a82"),
        ("00A40400", "6700"),
        ("00A4040003D276", "6700"),
        ("00A4000C02DF01", "9000"),
        ("00A4010C02DF01", "9000"),
        ("00A4000C023F00", "9000"),
        ("00A4000C", "9000"),
        ("00A4020C02DF01", "6a82"),
        ("00A4010C023F00", "6a82"),
        ("00A4000C02BEEF", "6a82"),
        ("00A4000C01DF", "6700"),
        ("00A4000C02DF0100FF", "6700"),
        ("00A4030C", "6a86"),
        ("00A4000D02DF01", "6a86"),
        ("00A4", "6700"),
        ("00C00000", "6d00"),
    ],
)
def test_selection(select: str, answer: str) -> None:
    assert told([select]) == answer


def test_selection_is_that_of_the_native_commands() -> None:
    card = rich_card("plain")
    for apdu, aid in ((SELECT_RICH, AID), (f"00A4040007{CARD}", bytes(3)), ("00A4000C02DF01", AID)):
        assert card.exchange(bytes.fromhex(apdu)) == b"\x90\x00"
        assert card.chip.aid == aid
    reader = reader_of(rich_card("EV2"), "EV2", "application")
    assert reader.exchange(bytes.fromhex(SELECT_RICH)) == b"\x90\x00"
    assert reader.frame(0x51) == (0xAE, b"")  # the session is over


@pytest.mark.parametrize(
    ("read", "answer"),
    [
        ("00B0000004", "000102039000"),
        ("00B0006004", "606162639000"),
        ("00B0006000", "606162639000"),
        ("00B0006005", "6700"),
        ("00B0006400", "6a86"),
        ("00B07FFF01", "6a86"),
        ("00B0810302", "03049000"),  # by short identifier
        ("00B0820302", "6a82"),
        ("00B0E10302", "6a86"),
        ("00B00000", "6700"),
        ("00B000000400", "6700"),
    ],
)
def test_reading(read: str, answer: str) -> None:
    assert told([SELECT_RICH, f"00A4020C02{STANDARD_ID}", read]) == answer


@pytest.mark.parametrize(
    ("update", "answer", "content"),
    [
        ("00D6000203AABBCC", "9000", "0001AABBCC"),
        ("00D6810001FF", "9000", "FF01020304"),
        ("00D60000", "6700", "0001020304"),
        ("00D6000000", "6700", "0001020304"),
        ("00D6000002AA", "6700", "0001020304"),
        ("00D6000001AA00", "6700", "0001020304"),
        ("00D6006302AABB", "6a86", "0001020304"),
    ],
)
def test_writing(update: str, answer: str, content: str) -> None:
    assert told([SELECT_RICH, f"00A4020C02{STANDARD_ID}", update]) == answer
    read = [SELECT_RICH, f"00A4020C02{STANDARD_ID}", update, "00B0000005"]
    assert told(read) == content.lower() + "9000"


def test_nothing_is_read_before_a_file_is_selected_or_after_another_application() -> None:
    assert told(["00B0000004"]) == "6985"
    assert told([SELECT_RICH, f"00A4020C02{STANDARD_ID}", "00A4000C", "00B0000004"]) == "6985"
    assert told(["00B0810004"]) == "6a82"


def test_a_file_that_was_deleted_is_no_more_selected() -> None:
    assert told([SELECT_RICH, f"00A4020C02{STANDARD_ID}", "90DF0000010100", "00B0000004"]) == "6985"


def test_a_file_of_a_key_is_closed_and_in_a_session_every_file() -> None:
    card = rich_card("EV2", rights=Rights(1, 1, 1, 1))
    for apdu in (SELECT_RICH, f"00A4020C02{STANDARD_ID}"):
        assert card.exchange(bytes.fromhex(apdu)) == b"\x90\x00"
    assert card.exchange(bytes.fromhex("00B0000004")) == b"\x69\x82"
    assert card.exchange(bytes.fromhex("00D6000001FF")) == b"\x69\x82"
    card = rich_card("EV2", rights=Rights(14, 14, 14, 14))
    reader_of(card, "EV2", "application")
    assert card.exchange(bytes.fromhex(f"00A4020C02{STANDARD_ID}")) == b"\x90\x00"
    assert card.exchange(bytes.fromhex("00B0000004")) == b"\x69\x82"


def test_a_backup_file_waits_for_the_commit() -> None:
    card = rich_card("plain")
    card.chip.state.applications[AID].files[BACKUP].iso_id = 0xE102
    for apdu in (SELECT_RICH, "00A4020C02E102", "00D6000001FF"):
        assert card.exchange(bytes.fromhex(apdu)) == b"\x90\x00"
    file = card.chip.state.applications[AID].files[BACKUP]
    assert isinstance(file, BackupFile) and file.content[0] == 0
    assert card.exchange(b"\xc7") == b"\x00"
    file = card.chip.state.applications[AID].files[BACKUP]
    assert isinstance(file, BackupFile) and file.content[0] == 0xFF and file.iso_id == 0xE102


def test_record_files_are_not_binary() -> None:
    card = rich_card("plain")
    card.chip.state.applications[AID].files[STANDARD].iso_id = None
    card.chip.state.applications[AID].files[4].iso_id = 0xE101
    for apdu in (SELECT_RICH, f"00A4020C02{STANDARD_ID}"):
        assert card.exchange(bytes.fromhex(apdu)) == b"\x90\x00"
    assert card.exchange(bytes.fromhex("00B0000004")) == b"\x69\x85"
