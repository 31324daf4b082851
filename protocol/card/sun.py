"""NTAG 424 DNA Secure Unique NFC messages (NXP AN12196): who a tapped account card says it is.

So far only the vectors use it: account cards are to come.

PICC data = AES-CBC(meta key, IV 0): C7 | UID 7 | counter 3 LE | random 5
MAC       = odd bytes of CMAC(CMAC(file key, 3C C3 00 01 00 80 | UID | counter), b"")
"""

from protocol import aes


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
    return aes.same(mac(file_key, uid, counter), given)
