"""A thief without keys: what he reads of a card in a pocket, what he hears at kiosks, and his copies."""

from collections import deque
from collections.abc import Iterable
from typing import Final

from protocol.card import layout
from simulator.card import ClassicCard, ContactlessCard, CopiedCard
from simulator.card.copied import Heard
from simulator.reader.field import Damaged

# A reader of his own asks all that a card may answer to anybody: who it is (DESFire's and NTAG's version),
# its applications and files, the NDEF message, several times as each is another, and the beginning of an
# authentication under each key.
_RATS: Final = b"\xe0\x50"
_MORE: Final = bytes.fromhex("90af000000")
_VERSION: Final = (bytes.fromhex("9060000000"), _MORE, _MORE)
_OUR_APPLICATION: Final = bytes.fromhex("905a000003") + layout.AID + b"\x00"
_APPLICATIONS: Final = bytes.fromhex("906a000000")
_SETTINGS: Final = tuple(bytes.fromhex(text) for text in ("9045000000", "906f000000"))
_FILES: Final = tuple(bytes([0x90, ins, 0, 0, 1, file, 0]) for file in (1, 2, 3, 15) for ins in (0xF5, 0x6C))
_NDEF: Final = tuple(
    bytes.fromhex(text)
    for text in (
        "00a4040c07d276000085010100",
        "00a4040c07d2760000850101",
        "00a4000c02e103",
        "00b0000017",
        "00a4000c02e104",
        "00b0000002",
        *(["00b00000fa"] * 3),
    )
)
_EV2_FIRST: Final = tuple(bytes([0x90, 0x71, 0, 0, 2, key, 0, 0]) for key in range(5))
PROBE: Final = (
    *_VERSION,
    _APPLICATIONS,
    _OUR_APPLICATION,
    *_SETTINGS,
    *_FILES,
    *_EV2_FIRST,
    *_NDEF,
    *_EV2_FIRST,
)

KEPT: Final = 500


class Ear:
    """Hears APDUs and answers of every card in a field: `field.frame_listeners.append(ear)`. Of each card it
    keeps the last KEPT.
    """

    def __init__(self) -> None:
        self._heard: dict[bytes, deque[Heard]] = {}
        self._asked = self._answered = b""
        self._is_asked = False

    def heard(self, uid: bytes) -> list[Heard]:
        """All that this card said."""
        return list(self._heard.get(uid, ()))

    def __call__(self, card: ContactlessCard, frame: bytes, answer: "bytes | type[Damaged] | None") -> None:
        if card.iso_dep and isinstance(answer, bytes):
            self._to_card(frame)
            self._from_card(card.uid, answer)

    def _to_card(self, frame: bytes) -> None:
        """Collect the parts of an APDU (ISO 14443-4, 7.1)."""
        if _is_i_block(frame):
            if self._is_asked:
                self._asked, self._is_asked = b"", False
            self._asked += _inside(frame)
            self._is_asked = not _is_chained(frame)
            if self._is_asked:
                self._answered = b""

    def _from_card(self, uid: bytes, answer: bytes) -> None:
        if self._is_asked and _is_i_block(answer):
            self._answered += _inside(answer)
            if not _is_chained(answer):
                self._heard.setdefault(uid, deque(maxlen=KEPT)).append((self._asked, self._answered))
                self._asked, self._answered, self._is_asked = b"", b"", False


def read(card: ContactlessCard) -> tuple[bytes, list[Heard]]:
    """What a card in a pocket gives to anybody's reader: its ATS, and answers to PROBE."""
    heard: list[Heard] = []
    card.enter_field()
    try:
        ats = card.rf_frame(_RATS) or b""
        for apdu in PROBE:
            answer = card.exchange(apdu)
            if answer is not None:
                heard.append((apdu, answer))
    finally:
        card.leave_field()
    return ats, heard


def copy(card: ContactlessCard, on_the_air: Iterable[Heard] = ()) -> ContactlessCard:
    """A copy of a card in nobody's field. Of one that is all UID it is perfect."""
    if not card.iso_dep:
        return ClassicCard(card.uid)
    ats, heard = read(card)
    return CopiedCard(card.uid, ats, [*on_the_air, *heard])


def _is_i_block(frame: bytes) -> bool:
    return len(frame) > 0 and frame[0] & 0xE2 == 0x02


def _is_chained(frame: bytes) -> bool:
    return bool(frame[0] & 0x10)


def _inside(frame: bytes) -> bytes:
    """Without PCB, and CID where there is one."""
    return frame[2 if frame[0] & 0x08 else 1 :]
