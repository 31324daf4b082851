"""A virtual NTAG 424 DNA in the field, and short words for what is sent to it."""

from random import Random

from simulator.card import Ntag424Card, crypto
from tests.simulator.card.terminal import Terminal

UID = bytes.fromhex("04DE5F1EACC040")
ZERO = bytes(16)
APPLICATION = bytes.fromhex("00A4040007D276000085010100")
NDEF_FILE = bytes.fromhex("00A4000C02E104")
READ_ALL = bytes.fromhex("00B0000000")


class ScriptedRandom(Random):
    """Gives what a published trace drew."""

    def __init__(self, *drawn: str) -> None:
        super().__init__(1)
        self._drawn = [bytes.fromhex(text) for text in drawn]

    def randbytes(self, n: int) -> bytes:
        made = self._drawn.pop(0)
        assert len(made) == n
        return made


def fresh(rng: Random | None = None, uid: bytes = UID, selected: bool = True) -> Ntag424Card:
    """From the factory, in the field, its application selected."""
    card = Ntag424Card(uid, rng or Random(1))
    card.enter_field()
    if selected:
        assert ask(card, APPLICATION) == b"\x90\x00"
    return card


def ask(card: Ntag424Card, apdu: bytes) -> bytes:
    """One APDU; the card must be there."""
    answer = card.exchange(apdu)
    assert answer is not None
    return answer


def known(card: Ntag424Card, key_no: int = 0, key: bytes = ZERO) -> Terminal:
    """Somebody who has proved a key."""
    terminal = Terminal(card.exchange)
    terminal.authenticate(key_no, key)
    return terminal


def settings(terminal: Terminal, file_no: int, content: str) -> None:
    """ChangeFileSettings in a session."""
    terminal.secure(0x5F, bytes([file_no]), bytes.fromhex(content), full=True)


def change_key(terminal: Terminal, key_no: int, old: bytes, new: bytes, version: int = 1) -> None:
    """ChangeKey of another key than the one that was proved."""
    mixed = bytes(a ^ b for a, b in zip(old, new, strict=True))
    terminal.secure(0xC4, bytes([key_no]), mixed + bytes([version]) + crypto.jamcrc(new), full=True)
