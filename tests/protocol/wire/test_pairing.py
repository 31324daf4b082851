"""Codes as people type them, and bundles that only the right code opens."""

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from protocol.wire import pairing
from protocol.wire.pairing import PairingError

SECRET = bytes(range(10))
IV = bytes(range(16, 32))
SECRETS = st.binary(min_size=10, max_size=10)


def mac_of(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


def sealed_by_library(secret: bytes, iv: bytes, padded: bytes) -> bytes:
    """As the module's first lines say, of blocks that are padded already."""
    cbc = Cipher(algorithms.AES(mac_of(secret, b"tapledger pair seal")[:16]), modes.CBC(iv)).encryptor()
    content = iv + cbc.update(padded) + cbc.finalize()
    return content + mac_of(mac_of(secret, b"tapledger pair mac"), content)[:16]


@given(SECRETS)
def test_a_code_comes_back_however_it_is_typed(secret: bytes) -> None:
    code = pairing.code(secret)
    assert [len(group) for group in code.split(" ")] == [6, 6, 6]
    for typed in (code, code.lower(), code.replace(" ", ""), code.replace(" ", "-"), f" {code} "):
        assert pairing.secret_of(typed) == secret
    for right, wrong in (("0", "o"), ("1", "I"), ("1", "l")):
        assert pairing.secret_of(code.replace(right, wrong)) == secret


def test_a_wrong_letter_is_noticed_almost_always() -> None:
    code = pairing.code(SECRET)
    passed = 0
    for at in [at for at in range(len(code)) if code[at] != " "]:
        for letter in pairing.ALPHABET.replace(code[at], ""):
            try:
                pairing.secret_of(code[:at] + letter + code[at + 1 :])
                passed += 1
            except PairingError:
                pass
    assert passed <= 3, "of 558, with ten bits of check"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a code has 18 letters and digits"),
        (pairing.code(SECRET)[:-1], "a code has 18 letters and digits"),
        (pairing.code(SECRET) + "0", "a code has 18 letters and digits"),
        ("0" * 1000, "a code has 18 letters and digits"),
        ("0" * 18 + "U", "U is in no code"),
        ("u" * 18, "U is in no code"),
        ("0\n", "\n is in no code"),
        ("请" * 18, "请 is in no code"),
        ("0" * 18, "a letter of the code is wrong"),
    ],
)
def test_what_is_no_code_is_said(text: str, said: str) -> None:
    with pytest.raises(PairingError) as caught:
        pairing.secret_of(text)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        (SECRET, "000G40 R40M30 E209XS"),
        (bytes(10), "000000 000000 0000HX"),
        (b"\xff" * 10, "ZZZZZZ ZZZZZZ ZZZZ4B"),
    ],
)
def test_the_code_of_a_secret_stays_what_it_is(secret: bytes, shown: str) -> None:
    """The host and kiosks of other versions read it: a secret's bits, and the first ten of a hash."""
    check = int(hashlib.sha256(b"tapledger pair code" + secret).hexdigest(), 16) >> 246
    bits = "".join([f"{byte:08b}" for byte in secret]) + f"{check:010b}"
    letters = "".join([pairing.ALPHABET[int(bits[at : at + 5], 2)] for at in range(0, 90, 5)])
    assert pairing.code(secret).replace(" ", "") == letters
    assert pairing.code(secret) == shown and pairing.secret_of(shown) == secret


@given(SECRETS, st.binary(max_size=200), st.binary(min_size=16, max_size=16))
def test_a_bundle_comes_back_and_only_by_its_code(secret: bytes, bundle: bytes, iv: bytes) -> None:
    sealed = pairing.seal(secret, iv, bundle)
    assert pairing.open_(secret, sealed) == bundle
    assert len(bundle) < 8 or bundle not in sealed[16:]
    other = bytes([secret[0] ^ 1]) + secret[1:]
    for key, data in ((other, sealed), (secret, sealed[:-1]), (secret, sealed[16:]), (secret, b"")):
        with pytest.raises(PairingError):
            pairing.open_(key, data)
    at = len(sealed) // 2
    with pytest.raises(PairingError, match="another code"):
        pairing.open_(secret, sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :])


@pytest.mark.parametrize(
    ("content", "blocks"),
    [
        (b"", 1),
        (b"x" * 15, 1),
        (b"x" * 16, 2),
        (b"\x80", 1),
        (b"a\x80b\x80", 1),
        (b"x" * 15 + b"\x80", 2),
        (bytes(16), 2),
        (b"\x80" + bytes(20), 2),
    ],
)
def test_what_is_sealed_is_what_the_library_makes_of_it(content: bytes, blocks: int) -> None:
    sealed = sealed_by_library(SECRET, IV, (content + b"\x80").ljust(16 * blocks, b"\0"))
    assert pairing.seal(SECRET, IV, content) == sealed
    assert pairing.open_(SECRET, sealed) == content


def test_what_was_sealed_has_an_iv_whole_blocks_and_a_mac() -> None:
    whole = pairing.seal(SECRET, IV, bytes(20))
    assert len(whole) == 64
    for size in range(len(whole)):
        said = "is for another code" if size == 48 else "has a wrong length"
        with pytest.raises(PairingError) as caught:
            pairing.open_(SECRET, whole[:size])
        assert str(caught.value) == "what was sealed " + said
    with pytest.raises(PairingError, match=r"^what was sealed has a wrong length$"):
        pairing.open_(SECRET, sealed_by_library(SECRET, IV, b""))


def test_a_changed_byte_is_noticed_wherever_it_is() -> None:
    sealed = pairing.seal(SECRET, IV, b"bundle")
    for at in range(len(sealed)):
        with pytest.raises(PairingError, match=r"^what was sealed is for another code$"):
            pairing.open_(SECRET, sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :])


def test_the_identifier_of_a_secret_stays_what_it_is() -> None:
    assert pairing.identifier(SECRET) == mac_of(SECRET, b"tapledger pair id")[:8]


def test_the_identifier_is_of_the_secret_alone_and_says_nothing_of_it() -> None:
    assert pairing.identifier(SECRET) == pairing.identifier(bytes(SECRET)) != pairing.identifier(bytes(10))
    assert len(pairing.identifier(SECRET)) == 8 and pairing.identifier(SECRET) not in SECRET
