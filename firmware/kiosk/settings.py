"""What the host tells a kiosk: signed, versioned configuration and lists of cards, kept in flash as received.

The stored bytes are the host's own message with its MAC, checked again at each boot; a newer version
replaces an older one whole, and one that does not verify leaves the old one in force. A configuration is
durable when it comes, in force between two sales (switch), and on trial until the host was heard by it
(kiosk/probation.py).
"""

from protocol.wire import config, envelope, messages, online

HOTLIST = "/hotlist.msg"
TRIAL_MS = 60_000


class Settings:
    """Configuration and lists in force. flash: as in hal/; fell: as in probation.begin()."""

    def __init__(self, kiosk: str, down_key: bytes, seal_key: bytes, flash, fell: bool = True) -> None:  # type: ignore[no-untyped-def]
        self.kiosk, self.down_key, self.seal_key = kiosk, down_key, seal_key
        self.flash = flash
        self.config: dict = {}
        self.hot: set = set()
        self.marks = b""  # of cards for which something waits; a restart asks for them anew
        self.versions = {messages.CONFIG: 0, messages.HOTLIST: 0, online.WAITING: 0}
        self.masters: dict = {}  # role -> {version: 16 bytes}, from the first configuration on
        self.list_lost = False  # the stored hotlist is damaged: no offline sale before a new one came
        self.allowed_version = 0  # and where the parts of that list are: kiosk/allowed.py
        self.allowed_places: dict = {}
        self.next: dict | None = None  # a configuration that comes into force after the sale under way
        self.trying = False  # the one in force has to prove itself
        self._heard: int | None = None  # when the host was first heard since, by the chip's milliseconds
        self.rejected: dict | None = None  # version and reason of one that never will be in force
        stored = flash.read_file(HOTLIST)
        if stored is not None:
            values = self._opened(messages.HOTLIST, stored)
            self.list_lost = values is None
            if values is not None:
                self._take_list(values)
        from kiosk import allowed, probation

        allowed.load(self)
        values = probation.begin(self, flash, lambda stored: self._opened(messages.CONFIG, stored), fell)
        if values is not None:
            self._apply(values)

    def _opened(self, kind: int, stored: bytes) -> dict | None:
        """The fields of a stored message; None when it is none of ours."""
        try:
            _, found, body = envelope.open_(self.down_key, messages.DOWN, self.kiosk, stored)
            if found == kind:
                values = messages.fields(kind, body)
                if kind == messages.CONFIG:
                    from protocol.wire import usable

                    self._masters(values)
                    why = usable.fault(values)
                    if why:  # of a later firmware: its mode would be taken for a fixed price
                        raise ValueError(why)
                return values
        except ValueError as error:
            print("settings: a stored message is ignored: %s" % error)
        return None

    def _masters(self, values: dict) -> dict:
        """The role keys of a configuration; ValueError."""
        from protocol.wire import seal

        return seal.open_role_keys(self.seal_key, values["role_keys"])

    def _take_list(self, values: dict) -> None:
        self.versions[messages.HOTLIST] = values["version"]
        self.hot, self.list_lost = set(values["uids"]), False

    def _apply(self, values: dict) -> None:
        self.versions[messages.CONFIG] = values["version"]
        self.masters = self._masters(values)
        self.config = dict(config.DEFAULTS)
        self.config.update(values)

    def take(self, kind: int, body: dict, message: bytes) -> bool:
        """An authentic message of this session: durable, and a list in force. True when that is to be
        said: a configuration is in force after switch()."""
        values = messages.fields(kind, body)
        if kind == online.WAITING:  # the newest message, whatever its number: nothing of it is kept
            self.versions[kind], self.marks = values["version"], values["marks"]
            return True
        if kind == messages.ALLOWED:
            from kiosk import allowed

            return allowed.take(self, values, message)
        if values["version"] <= self.versions[kind]:
            return False
        try:
            if kind == messages.CONFIG:
                from kiosk import probation

                return probation.take(self, self.flash, values, message)
            self.flash.write_file(HOTLIST, message)
        except OSError as error:
            print("settings: cannot be kept, the old ones stay in force: %s" % error)
            return False
        self._take_list(values)
        return True

    def switch(self) -> bool:
        """Nobody is served: what came last is in force from now on. False when that is so already."""
        values, self.next = self.next, None
        if values is None:
            return False
        self._apply(values)
        self.trying, self._heard = True, None
        return True

    def heard(self, now_ms: int) -> None:
        """The host said something: the configuration that is in force stays when it does so for a while."""
        if not self.trying or self.next is not None:  # the next one would be proven, untried
            return
        if self._heard is None:
            self._heard = now_ms
        elif (now_ms - self._heard) & 0x3FFF_FFFF > TRIAL_MS:
            from kiosk import probation

            try:
                self.trying = not probation.prove(self.flash)
            except OSError as error:
                print("settings: the configuration stays on trial: %s" % error)

    def held(self) -> dict:
        """The numbers of what is in force, as messages say them."""
        return {
            "config": self.versions[messages.CONFIG],
            "hotlist": self.versions[messages.HOTLIST],
            "waiting": self.versions[online.WAITING],
            "allowed": self.allowed_version,
        }

    @property
    def language(self) -> str:
        """A language the texts have."""
        language = self.config.get("language", "zh")
        return language if language in ("zh", "en") else "zh"
