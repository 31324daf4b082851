"""NTAG 424 DNA Secure Unique NFC messages (NXP AN12196): who a tapped account card says it is.

    PICC data = AES-CBC(meta key, IV 0): C7 | UID 7 | counter 3 LE | random 5
    MAC       = odd bytes of CMAC(CMAC(file key, 3C C3 00 01 00 80 | UID | counter), b"")
    URL       = https://HOST/PATH?p=PICC data in hex&m=MAC in hex

Whoever holds a reader near a card can take such a message from it: it tells who, it proves no presence.
"""

from binascii import unhexlify

from protocol import aes
from protocol.same import same

PICC_DATA, MAC = "p", "m"
URL_MAX = 512  # characters that are looked at
BASE_MAX = 160  # of a URL before its parameters: what the card's file has room for
SCHEME = "https://"
_URI, _HTTPS = 0x55, 0x04  # NDEF: type U of a well-known record, and its code for https://
_HEX = "0123456789abcdefABCDEF"


class Message:
    """A card's NDEF file with places for what the card puts in: file, and offsets of both in it."""

    def __init__(self, file: bytes, picc_at: int, mac_at: int) -> None:
        self.file = file
        self.picc_at = picc_at
        self.mac_at = mac_at


def message(base: str) -> Message:
    """The file of a card whose URLs begin so; ValueError for a base that is not https:// and plain ASCII."""
    rest = base[len(SCHEME) :]
    if not base.startswith(SCHEME) or not rest or len(base) > BASE_MAX:
        raise ValueError("a card's URL begins with https:// and has at most %d characters" % BASE_MAX)
    for character in rest:
        if not 0x21 <= ord(character) <= 0x7E or character in '?#&="<>\\^`{|}':
            raise ValueError("a card's URL has no %r before its parameters" % character)
    text = (rest + "?" + PICC_DATA + "=").encode()
    between = ("&" + MAC + "=").encode()
    payload = bytes([_HTTPS]) + text + b"0" * 32 + between + b"0" * 16
    record = bytes([0xD1, 0x01, len(payload), _URI]) + payload
    picc_at = 2 + 4 + 1 + len(text)
    return Message(len(record).to_bytes(2, "big") + record, picc_at, picc_at + 32 + len(between))


def url_of(ndef: bytes) -> str | None:
    """The https URL of an NDEF message of one short record, None for anything else."""
    if len(ndef) < 5 or ndef[0] != 0xD1 or ndef[1] != 1 or ndef[2] != len(ndef) - 4:
        return None
    if ndef[3] != _URI or ndef[4] != _HTTPS:
        return None
    for byte in ndef[5:]:
        if not 0x21 <= byte <= 0x7E:
            return None
    return SCHEME + bytes(ndef[5:]).decode()


def parse(url: str) -> tuple[bytes, bytes] | None:
    """(PICC data 16, MAC 8) of a URL of any shape; None when both are not there exactly once.

    Host and path are not looked at: what counts is what only the card can make.
    """
    if len(url) > URL_MAX:
        return None
    found: dict[str, bytes] = {}
    for part in url.partition("#")[0].partition("?")[2].split("&"):
        name, _, value = part.partition("=")
        if name not in (PICC_DATA, MAC):
            continue
        if name in found or len(value) != (32 if name == PICC_DATA else 16):
            return None
        for character in value:
            if character not in _HEX:
                return None
        found[name] = unhexlify(value)
    if len(found) != 2:
        return None
    return found[PICC_DATA], found[MAC]


def mac(file_key: bytes, uid: bytes, counter: int) -> bytes:
    """The 8-byte MAC a true card puts beside this UID and read counter (empty MAC input)."""
    session_vector = b"\x3c\xc3\x00\x01\x00\x80" + uid + counter.to_bytes(3, "little")
    return aes.cmac8(aes.cmac(file_key, session_vector), b"")


def open_picc_data(meta_key: bytes, picc_data: bytes) -> tuple[bytes, int] | None:
    """Encrypted PICC data (16 bytes) -> (UID, counter); None when it is not of this key or form."""
    if len(picc_data) != 16:
        return None
    plain = aes.decrypt_cbc(meta_key, aes.ZERO_IV, picc_data)
    if plain[0] != 0xC7:
        return None
    return plain[1:8], int.from_bytes(plain[8:11], "little")


def genuine(file_key: bytes, uid: bytes, counter: int, given: bytes) -> bool:
    """Is the message's MAC the one this card makes at this counter?"""
    return same(mac(file_key, uid, counter), given)
