"""Codes as people type them, and bundles that only the right code opens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.wire import pairing
from protocol.wire.pairing import PairingError

SECRET = bytes(range(10))
SECRETS = st.binary(min_size=10, max_size=10)


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
        ("", "18 letters and digits"),
        (pairing.code(SECRET)[:-1], "18 letters and digits"),
        (pairing.code(SECRET) + "0", "18 letters and digits"),
        ("0" * 1000, "18 letters and digits"),
        ("U" * 18, "U is in no code"),
        ("请" * 18, "请 is in no code"),
        ("0" * 18, "a letter of the code is wrong"),
    ],
)
def test_what_is_no_code_is_said(text: str, said: str) -> None:
    with pytest.raises(PairingError, match=said):
        pairing.secret_of(text)


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


def test_the_identifier_is_of_the_secret_alone_and_says_nothing_of_it() -> None:
    assert pairing.identifier(SECRET) == pairing.identifier(bytes(SECRET)) != pairing.identifier(bytes(10))
    assert len(pairing.identifier(SECRET)) == 8 and pairing.identifier(SECRET) not in SECRET
