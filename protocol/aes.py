"""AES-128 and what is built from it alone: CBC without padding and CMAC.

The block cipher is the platform's (cryptolib on MicroPython, `cryptography` on CPython). What is above it is
ours, but on CPython the library's CMAC stands in, being many times faster: the host checks thousands of MACs
a second. Tests hold both against each other.
Sources: FIPS 197, NIST SP 800-38A (CBC), NIST SP 800-38B and RFC 4493 (CMAC).
"""

try:
    from cryptolib import aes as _aes  # MicroPython

    def encrypt_cbc(key: bytes, iv: bytes, data: bytes) -> bytes:
        """AES-128-CBC. key 16, iv 16, data a multiple of 16 bytes (may be empty) -> same length."""
        return bytes(_aes(key, 2, iv).encrypt(data)) if data else b""

    def decrypt_cbc(key: bytes, iv: bytes, data: bytes) -> bytes:
        """The inverse of encrypt_cbc."""
        return bytes(_aes(key, 2, iv).decrypt(data)) if data else b""

    def encrypt_block(key: bytes, block: bytes) -> bytes:
        """One 16-byte block, ECB."""
        return bytes(_aes(key, 1).encrypt(block))

    def cmac(key: bytes, data: bytes) -> bytes:
        """AES-CMAC over any length -> 16 bytes."""
        return cmac_by_blocks(key, data)

    def odd_bytes(full: bytes) -> bytes:
        """Bytes 1, 3, 5 .. 15 of a CMAC: how NXP's EV2 cuts it (AN12343 3.3)."""
        return bytes([full[i] for i in range(1, 16, 2)])

except ImportError:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.cmac import CMAC

    def encrypt_cbc(key: bytes, iv: bytes, data: bytes) -> bytes:
        """AES-128-CBC. key 16, iv 16, data a multiple of 16 bytes (may be empty) -> same length."""
        encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
        return encryptor.update(data) + encryptor.finalize()

    def decrypt_cbc(key: bytes, iv: bytes, data: bytes) -> bytes:
        """The inverse of encrypt_cbc."""
        decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
        return decryptor.update(data) + decryptor.finalize()

    def encrypt_block(key: bytes, block: bytes) -> bytes:
        """One 16-byte block, ECB."""
        encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
        return encryptor.update(block) + encryptor.finalize()

    def cmac(key: bytes, data: bytes) -> bytes:
        """AES-CMAC over any length -> 16 bytes."""
        begun = CMAC(algorithms.AES(key))
        begun.update(data)
        return begun.finalize()

    def odd_bytes(full: bytes) -> bytes:
        """Bytes 1, 3, 5 .. 15 of a CMAC: how NXP's EV2 cuts it (AN12343 3.3)."""
        return full[1::2]  # MicroPython has no step in a slice of bytes


ZERO_IV = bytes(16)


def xor(a: bytes, b: bytes) -> bytes:
    """Bytewise exclusive or of two strings of one length."""
    return bytes([x ^ y for x, y in zip(a, b)])


def double(block: bytes) -> bytes:
    """Multiply by x in GF(2^128): the CMAC subkey step of SP 800-38B."""
    n = int.from_bytes(block, "big") << 1
    if n >> 128:
        n = (n & ((1 << 128) - 1)) ^ 0x87
    return n.to_bytes(16, "big")


def pad80(data: bytes) -> bytes:
    """ISO 9797-1 method 2: 80 then zeros to the next multiple of 16; never empty."""
    return data + b"\x80" + bytes(15 - len(data) % 16)


def cmac_by_blocks(key: bytes, data: bytes) -> bytes:
    """cmac of the block cipher alone."""
    subkey = double(encrypt_block(key, ZERO_IV))
    if data and len(data) % 16 == 0:
        body, last = data[:-16], data[-16:]
    else:
        whole = len(data) // 16 * 16
        body, last = data[:whole], pad80(data[whole:])
        subkey = double(subkey)
    state = encrypt_cbc(key, ZERO_IV, body)[-16:] if body else ZERO_IV
    return encrypt_block(key, xor(xor(last, subkey), state))


def cmac8(key: bytes, data: bytes) -> bytes:
    """CMAC cut as NXP's EV2 cuts it -> 8 bytes."""
    return odd_bytes(cmac(key, data))
