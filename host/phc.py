"""Secrets that people remember, as Argon2id strings in PHC form ($argon2id$v=19$m=...), each with its cost.

cryptography makes them, which seals the keys already; argon2-cffi would be a second Argon2 beside it.
"""

import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

SALT_BYTES, DIGEST_BYTES = 16, 32  # RFC 9106, section 4


def make(secret: bytes, cost: Mapping[str, int]) -> str:
    """Stretched with a fresh salt; cost: {iterations, lanes, memory_kib}."""
    return Argon2id(
        salt=os.urandom(SALT_BYTES),
        length=DIGEST_BYTES,
        iterations=cost["iterations"],
        lanes=cost["lanes"],
        memory_cost=cost["memory_kib"],
    ).derive_phc_encoded(secret)


def fits(secret: bytes, phc: str) -> bool:
    """Is it the secret that this string was made of? Takes as long as making it did."""
    try:
        Argon2id.verify_phc_encoded(secret, phc)
    except InvalidKey:
        return False
    return True
