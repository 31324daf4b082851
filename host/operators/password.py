"""Passwords, kept as Argon2id strings in PHC form ($argon2id$v=19$m=...): each carries its own cost.

cryptography makes them, which seals the keys already; argon2-cffi would be a second Argon2 beside it.
"""

import os
import threading
import unicodedata
from functools import cache

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from host.errors import HostError

KDF = {"iterations": 3, "lanes": 1, "memory_kib": 65536}  # RFC 9106, second choice
PASSWORD_MIN, PASSWORD_MAX = 8, 1024  # characters; bytes in UTF-8
_one_at_a_time = threading.Lock()  # 64 MiB each: who asks for many logins at once gets no more memory


def must_be_good(password: str) -> None:
    """HostError unless it may become a password."""
    size = len(_bytes(password))
    if len(password) < PASSWORD_MIN or size > PASSWORD_MAX or not password.isprintable():
        raise HostError(
            f"A password is of at least {PASSWORD_MIN} characters and at most {PASSWORD_MAX} bytes, and of "
            "nothing that does not show."
        )


def make(password: str) -> str:
    """Password -> PHC string; HostError for one that is too short or too long."""
    must_be_good(password)
    with _one_at_a_time:
        return _stretch(_bytes(password))


def fits(password: str, phc: str | None) -> bool:
    """Is it that one? None: nobody's, which takes as long."""
    with _one_at_a_time:
        try:
            Argon2id.verify_phc_encoded(_bytes(password), phc or _nobodys())
        except InvalidKey:
            return False
    return phc is not None


@cache
def _nobodys() -> str:
    return _stretch(os.urandom(32))


def _stretch(secret: bytes) -> str:
    return Argon2id(
        salt=os.urandom(16),
        length=32,
        iterations=KDF["iterations"],
        lanes=KDF["lanes"],
        memory_cost=KDF["memory_kib"],
    ).derive_phc_encoded(secret)


def _bytes(password: str) -> bytes:
    """The same for whatever keyboard composed it."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace")
