"""Passwords of operators, kept as host.phc makes them, one at a time."""

import os
import threading
import unicodedata
from functools import cache

from host import phc
from host.errors import HostError
from host.fields import COUNTED

KDF = {"iterations": 3, "lanes": 1, "memory_kib": 65536}  # RFC 9106, second choice
PASSWORD_MIN, PASSWORD_MAX = 8, 1024  # characters; bytes in UTF-8
_one_at_a_time = threading.Lock()  # 64 MiB each: who asks for many logins at once gets no more memory


def must_be_good(password: str) -> None:
    """HostError unless it may become a password."""
    size = len(_bytes(password))
    if len(password) < PASSWORD_MIN or size > PASSWORD_MAX or not password.isprintable():
        raise HostError(
            f"A password has at least {PASSWORD_MIN} characters and at most {PASSWORD_MAX}, {COUNTED}, and "
            "nothing that does not show."
        )


def make(password: str) -> str:
    """Password -> PHC string; HostError for one that is too short or too long."""
    must_be_good(password)
    with _one_at_a_time:
        return phc.make(_bytes(password), KDF)


def fits(password: str, kept: str | None) -> bool:
    """Is it that one? None: nobody's, which takes as long."""
    with _one_at_a_time:
        return phc.fits(_bytes(password), kept or _nobodys()) and kept is not None


@cache
def _nobodys() -> str:
    return phc.make(os.urandom(32), KDF)


def _bytes(password: str) -> bytes:
    """The same for whatever keyboard composed it."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace")
