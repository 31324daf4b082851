"""The card against the traces that NXP published in AN12196 "NTAG 424 DNA features and hints" (public)."""

from simulator.card import crypto
from simulator.card.messaging.ev2 import Ev2Session
from simulator.card.ntag424.settings import Sdm
from tests.simulator.card.ntag424.tag import NDEF_FILE, READ_ALL, ScriptedRandom, ask, fresh

URL = b"https://ntag.nxp.com/424?e=" + b"0" * 32 + b"&c=" + b"0" * 16


def test_authentication_with_key_0() -> None:
    """Table "AuthenticateEV2First using key 0x00"."""
    card = fresh(ScriptedRandom("B9E2FC789B64BF237CCCAA20EC7E6E48", "9D00C4DF"))
    assert ask(card, bytes.fromhex("9071000002000000")).hex().upper() == (
        "A04C124213C186F22399D33AC2A3021591AF"
    )
    response = "35C3E05A752E0144BAC0DE51C1F22C56B34408A23D8AEA266CAB947EA8E0118D"
    final = "3FA64DB5446D1F34CD6EA311167F5E4985B89690C04A05F17FA7AB2F081206639100"
    assert ask(card, bytes.fromhex(f"90AF000020{response}00")).hex().upper() == final
    session = card.chip.session
    assert session is not None and session.enc_key.hex().upper() == "1309C877509E5A215007FF0ED19CA564"
    assert session.mac_key.hex().upper() == "4C6626F5E72EA694202139295C7A7FC7"


def session(enc_key: str, mac_key: str, ti: str, counter: int) -> Ev2Session:
    return Ev2Session(0, bytes.fromhex(ti), bytes.fromhex(enc_key), bytes.fromhex(mac_key), counter)


def test_change_file_settings() -> None:
    """Table "ChangeFileSettings": encrypted PICC data and MAC are mirrored into the NDEF file."""
    card = fresh()
    keys = "1309C877509E5A215007FF0ED19CA564", "4C6626F5E72EA694202139295C7A7FC7"
    card.chip.session = session(*keys, "9D00C4DF", 1)
    apdu = "905F0000190261B6D97903566E84C3AE5274467E89EAD799B7C1A0EF7A0400"
    assert ask(card, bytes.fromhex(apdu)).hex().upper() == "57BFF87B1241E93D9100"
    shown = ask(card, bytes.fromhex("90F5000001 02 00"))
    assert shown[-2:] == b"\x91\x7e", "in a session the command wants a MAC"
    assert ask(card, bytes.fromhex("90F5000001 02 00")).hex().upper() == (
        "00" + "4000E0" + "000100" + "C1F121200000430000430000" + "9100"
    )


def test_change_key_of_both_forms() -> None:
    """Tables "ChangeKey" for key 2 under key 0, then for key 0 itself."""
    card = fresh()
    keys = "4CF3CB41A22583A61E89B158D252FC53", "5529860B2FC5FB6154B7F28361D30BF9"
    card.chip.session = session(*keys, "7614281A", 2)
    other = "2CF362B7BF4311FF3BE1DAA295E8C68DE09050560D19B9E16C2393AE9CD1FAC75D0CE20BCD1D06E6"
    assert ask(card, bytes.fromhex(f"90C400002902{other}00")).hex().upper() == "203BB55D1089D5879100"
    own = "C0EB4DEEFEDDF0B513A03A95A75491818580503190D4D05053FF75668A01D6FDA6610234BDED6432"
    assert ask(card, bytes.fromhex(f"90C400002900{own}00")).hex().upper() == "9100"
    new = [key.value.hex().upper() for key in card.chip.state.keys]
    assert new[2] == "F3847D627727ED3BC9C4CC050489B966" and new[0] == "5004BF991F408672B1EF00F08F9E8647"
    assert [key.version for key in card.chip.state.keys] == [1, 0, 1, 0, 0]
    assert card.chip.session is None


def test_a_message_with_encrypted_picc_data() -> None:
    """Chapter 3.4: UID 04DE5F1EACC040 read for the 61st time, all keys zero."""
    card = fresh(ScriptedRandom("DA5CF60941" + "00" * 10))
    file = card.chip.state.files[2]
    file.content = (bytes(7) + URL[8:]).ljust(256, b"\x00")
    picc_at = 7 + URL.index(b"=") + 1 - 8
    mac_at = 7 + URL.index(b"&c=") + 3 - 8
    offsets = b"".join(at.to_bytes(3, "little") for at in (picc_at, mac_at, mac_at))
    file.sdm = Sdm.decode(bytes.fromhex("C1F121") + offsets, 256)
    file.counter = 60
    assert ask(card, NDEF_FILE) == b"\x90\x00"
    shown = ask(card, READ_ALL)
    assert b"?e=EF963FF7828658A599F3041510671E88&c=94EED9EE65337086" in shown
    assert card.read_counter == 61


def test_the_session_keys_of_a_message() -> None:
    """Table 1: SV1 and SV2 of UID 04C767F2066180, counter 1."""
    key = bytes.fromhex("5ACE7E50AB65D5D51FD5BF5A16B8205B")
    vector = bytes.fromhex("04C767F2066180010000")
    assert crypto.cmac(key, bytes.fromhex("C33C00010080") + vector).hex().upper() == (
        "66DA61797E23DECA5D8ECA13BBADF7A9"
    )
    assert crypto.cmac(key, bytes.fromhex("3CC300010080") + vector).hex().upper() == (
        "3A3E8110E05311F7A3FCF0D969BF2B48"
    )
