"""A PKCS#11 token, opened: what can go wrong with one is a sentence here.

python-pkcs11 is an extra (pip install tapledger[token]) and is imported only where a token is used.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from host.cards.keeper.store import KeeperError, KeysAway, WrongPin

if TYPE_CHECKING:
    from pkcs11 import Session, Token

NEEDED = ("AES_KEY_GEN", "AES_CMAC", "AES_KEY_WRAP", "GENERIC_SECRET_KEY_GEN", "SHA256_HMAC")
# By the name of the exception: what a person can do about it.
_HELP = {
    "PinIncorrect": "the PIN is wrong: look at it before you try again, a token locks itself after a few",
    "PinLenRange": "the PIN is wrong: it has another length",
    "PinInvalid": "the PIN is wrong: the token allows no such characters",
    "PinLocked": "its PIN is locked: unlock it with the security officer's PIN",
    "PinExpired": "its PIN has expired: set a new one with the token's own tool",
    "UserPinNotInitialized": "it has no user PIN yet: set one with the token's own tool",
    "DeviceMemory": "it is full: remove what is not needed any more, with the token's own tool",
    "TokenWriteProtected": "it is write-protected",
    "MultipleTokensReturned": "several have this name: give each its own",
    "KeyUnextractable": "it does not let this key out",
}
# Of these only what was asked cannot be done; of all others nothing can, until a person has done something.
_REFUSED = ("DeviceMemory", "TokenWriteProtected", "KeyUnextractable")
_PIN = ("PinIncorrect", "PinLenRange", "PinInvalid", "PinLocked", "PinExpired", "UserPinNotInitialized")
_GONE = ("NoSuchToken", "TokenNotPresent", "TokenNotRecognised", "SlotIDInvalid", "DeviceRemoved")


# How often each module was begun in this process: what was opened before the last time is of no use, and a
# handle of then may be another key's now.
_begun: dict[tuple[int, str], int] = {}


def begun(path: str) -> int:
    """How often the module was begun in this process; 0 in one that was forked since."""
    return _begun.get((os.getpid(), path), 0)


def begin(path: str) -> Any:
    """The PKCS#11 module (a shared library), begun anew in this process. KeeperError, KeysAway."""
    try:
        import pkcs11
    except ImportError:
        raise KeeperError(
            "Keys in a token need python-pkcs11: pip install 'tapledger[token]' (or 'python-pkcs11')."
        ) from None
    try:
        loaded = pkcs11.lib(path)
        loaded.reinitialize()
    except pkcs11.PKCS11Error as error:
        raise KeysAway(f"The PKCS#11 module {path} cannot be used: {_said(error)}.") from None
    _begun[os.getpid(), path] = begun(path) + 1
    return loaded


@contextmanager
def said(label: str) -> Iterator[None]:
    """What the token answers inside, as a KeeperError with a sentence; KeysAway when nothing can be asked of
    it, WrongPin when it does not let us in."""
    from pkcs11 import PKCS11Error

    try:
        yield
    except PKCS11Error as error:
        kind = type(error).__name__
        if kind in _GONE:
            raise KeysAway(f"The token “{label}” is not there: plug it in, or look at its name.") from None
        if kind in _HELP:
            fault = KeeperError if kind in _REFUSED else WrongPin if kind in _PIN else KeysAway
            raise fault(f"The token “{label}” cannot be used: {_HELP[kind]}.") from None
        raise KeysAway(f"The token “{label}” does not do what it should: {_said(error)}.") from None


def logged_in(loaded: Any, label: str, pin: bytes) -> "Session":
    """A session in which keys can be used and made. KeeperError, KeysAway."""
    from pkcs11 import UserAlreadyLoggedIn

    with said(label):
        token: Token = loaded.get_token(token_label=label)
        names = {getattr(mechanism, "name", "") for mechanism in token.slot.get_mechanisms()}
        lacking = [name for name in NEEDED if name not in names]
        if lacking:
            raise KeysAway(f"The token “{label}” cannot do {', '.join(lacking)}: use another one.")
        try:
            return token.open(rw=True, user_pin=_text(pin))
        except UserAlreadyLoggedIn:  # another session of this process was opened by the same PIN
            return token.open(rw=True)


def _text(pin: bytes) -> str:
    try:
        return pin.decode()
    except UnicodeError:
        raise KeeperError("The PIN is no text in UTF-8: look at the file.") from None


def _said(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__
