"""The store of an installation with a PKCS#11 token: masters are made in it and never leave it.

keys.token, JSON: {"format": 1, "module": path, "token": label, "installation": hex}. A master is a secret key
of the token labelled tapledger:INSTALLATION:ROLE:VERSION, sensitive, and of use for CMAC (AES) or HMAC alone.
Only those of the roles that kiosks hold can be wrapped, which is done in the token too, under a kiosk's key.
The PIN is kept in memory: a process that is forked from this one has to log in anew.
"""

import json
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from host import private
from host.cards.keeper import token
from host.cards.keeper.roles import KIOSK_ROLES, ROLES
from host.cards.keeper.store import KeeperError, KeysAway, Store, WrongPin

if TYPE_CHECKING:
    from pkcs11 import Session

FORMAT = 1
PREFIX = "tapledger"
AES_SIZE = 16


class TokenStore(Store):
    """Opened when it is made, and again where a fork or an unplugged token asks for it."""

    def __init__(self, module: str, label: str, installation: str, pin: bytes) -> None:
        self._module, self._label, self._installation, self._pin = module, label, installation, pin
        self._lock = threading.RLock()
        self._at = -1  # how often the module had been begun in this process when the session was opened
        self._refused: str | None = None  # what the token said of our PIN; a token counts wrong ones
        self._session: Session | None = None
        self._keys: dict[tuple[str, int], Any] = {}
        self._opened()

    @classmethod
    def create(cls, path: Path, module: str, label: str, pin: bytes) -> "TokenStore":
        """An empty one; KeeperError before anything is written when the token can't be used."""
        made = cls(module, label, secrets.token_hex(4), pin)
        content = {"format": FORMAT, "module": module, "token": label, "installation": made._installation}
        try:
            private.write_new(path, json.dumps(content, indent=1).encode() + b"\n")
        except OSError as error:
            raise KeeperError(f"{path} cannot be written: {error.strerror}.") from None
        return made

    @classmethod
    def open_(cls, path: Path, pin: bytes) -> "TokenStore":
        """That of the file. KeeperError."""
        try:
            document = json.loads(path.read_bytes())
            form = document["format"]
            texts = module, label, installation = [
                document[name] for name in ("module", "token", "installation")
            ]
            if type(form) is int and form > FORMAT:
                raise KeeperError(f"{path} was made by a newer Tapledger: update the program.")
            if form != FORMAT or not all(isinstance(text, str) and text for text in texts):
                raise ValueError("fields")
        except OSError as error:
            raise KeeperError(f"{path} cannot be read: {error.strerror}.") from None
        except (ValueError, KeyError, TypeError, RecursionError):
            raise KeeperError(f"{path} is damaged: restore it from a backup.") from None
        module, label, installation = texts
        return cls(module, label, installation, pin)

    def versions(self, role: str) -> tuple[int, ...]:
        with self._lock:
            self._opened()
            return tuple(sorted(version for found, version in self._keys if found == role))

    def diversify(self, role: str, version: int, m: bytes) -> bytes:
        # AN10922 pads to two blocks; from 16 bytes on that is what CMAC does
        assert AES_SIZE <= len(m) < 2 * AES_SIZE, len(m)
        return self._sign(role, version, b"\x01" + m, "AES_CMAC")

    def hmac(self, role: str, version: int, data: bytes) -> bytes:
        return self._sign(role, version, data, "SHA256_HMAC")

    def wrap(self, role: str, version: int, wrapping_key: bytes) -> bytes:
        from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass

        assert role in KIOSK_ROLES, role
        with self._asked():
            session = self._opened()
            kiosk_s: Any = session.create_object(
                {
                    Attribute.CLASS: ObjectClass.SECRET_KEY,
                    Attribute.KEY_TYPE: KeyType.AES,
                    Attribute.VALUE: wrapping_key,
                    Attribute.WRAP: True,
                    Attribute.TOKEN: False,
                }
            )
            try:
                return bytes(kiosk_s.wrap_key(self._keys[role, version], mechanism=Mechanism.AES_KEY_WRAP))
            finally:
                kiosk_s.destroy()

    def make(self, versions: dict[str, int], passphrase: bytes) -> None:
        from pkcs11 import PKCS11Error

        made: list[tuple[str, int]] = []
        with self._asked():
            session = self._opened()
            try:
                for role, version in versions.items():
                    assert (role, version) not in self._keys
                    self._keys[role, version] = self._generate(session, role, version)
                    made.append((role, version))
            except PKCS11Error:
                for one in made:
                    self._keys.pop(one).destroy()
                raise

    def _generate(self, session: "Session", role: str, version: int) -> Any:
        from pkcs11 import Attribute, KeyType, MechanismFlag

        length = ROLES[role].length
        return session.generate_key(
            KeyType.AES if length == AES_SIZE else KeyType.GENERIC_SECRET,
            8 * length,
            label=f"{PREFIX}:{self._installation}:{role}:{version}",
            store=True,
            capabilities=MechanismFlag.SIGN,
            template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: role in KIOSK_ROLES},
        )

    def _sign(self, role: str, version: int, data: bytes, mechanism: str) -> bytes:
        from pkcs11 import Mechanism

        with self._asked():
            self._opened()
            key = self._keys[role, version]
            return bytes(key.sign(data, mechanism=Mechanism[mechanism]))

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """One thread at a time asks the token; KeeperError, KeysAway."""
        with self._lock:
            try:
                with token.said(self._label):
                    yield
            except KeysAway:
                self._at = -1  # pulled and plugged in again, it knows our session no more: log in anew
                raise

    def _opened(self) -> "Session":
        if self._session is not None and self._at == token.begun(self._module):
            return self._session
        if self._refused is not None:
            raise WrongPin(self._refused)
        try:
            session = token.logged_in(token.begin(self._module), self._label, self._pin)
        except WrongPin as refused:
            self._refused = str(refused)
            raise
        pattern = re.compile(rf"{PREFIX}:{re.escape(self._installation)}:([a-z-]+):([0-9]+)")
        with token.said(self._label):
            self._keys = _found(session, pattern)
        self._session, self._at = session, token.begun(self._module)
        return session


def _found(session: Any, pattern: re.Pattern[str]) -> "dict[tuple[str, int], Any]":
    from pkcs11 import Attribute, ObjectClass

    found = {}
    for key in session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY}):
        match = pattern.fullmatch(key.label)
        if match is not None and match[1] in ROLES:
            found[match[1], int(match[2])] = key
    return found
