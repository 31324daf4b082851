"""What the host tells a kiosk: signed, versioned configuration and lists of cards, kept in flash as received.

The stored bytes are the host's own message with its MAC, checked again at each boot; a newer version
replaces an older one whole (a tap under way keeps its price), and one that does not verify leaves the old
one in force.
"""

from kiosk.allowed import Allowed
from protocol.card import masters
from protocol.wire import config, envelope, messages, online

FILES = {messages.CONFIG: "/config.msg", messages.HOTLIST: "/hotlist.msg"}


class Settings:
    """Configuration and lists in force. flash: as in hal/."""

    def __init__(self, kiosk: str, down_key: bytes, seal_key: bytes, flash) -> None:  # type: ignore[no-untyped-def]
        self._kiosk, self._down_key, self.seal_key = kiosk, down_key, seal_key
        self._flash = flash
        self.config: dict = {}
        self.hot: set = set()
        self.marks = b""  # of cards for which something waits; a restart asks for them anew
        self.versions = {messages.CONFIG: 0, messages.HOTLIST: 0, online.WAITING: 0}
        self.read_masters = self.debit_masters = masters.Masters({})
        self.list_lost = False  # the stored hotlist is damaged: no offline sale before a new one came
        self.allowed = Allowed(kiosk, down_key, seal_key, flash)
        for kind in FILES:
            stored = flash.read_file(FILES[kind])
            if stored is not None:
                self._load(kind, stored)

    def _load(self, kind: int, stored: bytes) -> None:
        try:
            _, found, body = envelope.open_(self._down_key, messages.DOWN, self._kiosk, stored)
            if found == kind:
                values = messages.fields(kind, body)
                self._apply(kind, values, self._masters(kind, values))
                return
        except ValueError as error:
            print("settings: a stored message is damaged and ignored: %s" % error)
        self.list_lost = self.list_lost or kind == messages.HOTLIST

    def _masters(self, kind: int, values: dict) -> dict:
        """The role keys of a configuration; ValueError."""
        if kind == messages.HOTLIST:
            return {}
        from protocol.wire import seal

        return seal.open_role_keys(self.seal_key, values["role_keys"])

    def _apply(self, kind: int, values: dict, held: dict) -> None:
        self.versions[kind] = values["version"]
        if kind == messages.HOTLIST:
            self.hot, self.list_lost = set(values["uids"]), False
            return
        self.read_masters = masters.Masters(held["read"])
        self.debit_masters = masters.Masters(held["debit"])
        self.config = dict(config.DEFAULTS)
        self.config.update(values)

    def take(self, kind: int, body: dict, message: bytes) -> bool:
        """An authentic message of this session: durable, then in force. False when it is not newer."""
        values = messages.fields(kind, body)
        if kind == online.WAITING:  # the newest message, whatever its number: nothing of it is kept
            self.versions[kind], self.marks = values["version"], values["marks"]
            return True
        if kind == messages.ALLOWED:
            return self.allowed.take(values, message)
        if values["version"] <= self.versions[kind]:
            return False
        try:
            held = self._masters(kind, values)
            self._flash.write_file(FILES[kind], message)
        except (OSError, ValueError) as error:
            print("settings: cannot be kept, the old ones stay in force: %s" % error)
            return False
        self._apply(kind, values, held)
        return True

    def held(self) -> dict:
        """The numbers of what is in force, as messages say them."""
        return {
            "config": self.versions[messages.CONFIG],
            "hotlist": self.versions[messages.HOTLIST],
            "waiting": self.versions[online.WAITING],
            "allowed": self.allowed.version,
        }

    @property
    def language(self) -> str:
        """A language the texts have."""
        language = self.config.get("language", "zh")
        return language if language in ("zh", "en") else "zh"
