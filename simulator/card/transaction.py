"""What an application's files will become at the next commit, and the input of its Transaction MAC.

The TMI rule is that of the public DESFire Light data sheet; the wording for EV2 and EV3 is not public.
"""

from copy import deepcopy
from dataclasses import dataclass, field

from simulator.card import crypto
from simulator.card.files import File, TmacFile, ValueFile
from simulator.card.state import Application


@dataclass
class Transaction:
    """Working copies of the files changed since the last commit, abort or authentication; the TMI so far."""

    changed: dict[int, File] = field(default_factory=dict)
    open_records: set[int] = field(default_factory=set)
    cleared: set[int] = field(default_factory=set)
    debited: dict[int, int] = field(default_factory=dict)
    refunded: dict[int, int] = field(default_factory=dict)
    tmi: bytearray = field(default_factory=bytearray)

    def note(self, head: bytes, data: bytes = b"") -> None:
        """Adds a command to the TMI: head and data, each filled with zeros to whole blocks."""
        self.tmi += crypto.zero_pad(head) + crypto.zero_pad(data)

    def forget(self, file_no: int) -> None:
        """The file is no more; what went into the TMI stays."""
        for of_files in (self.changed, self.debited, self.refunded):
            of_files.pop(file_no, None)
        self.open_records.discard(file_no)
        self.cleared.discard(file_no)

    def images(self, app: Application, uid: bytes) -> dict[int, File]:
        """The files as the commit will leave them, with the Transaction MAC file if there is one."""
        images = {file_no: deepcopy(file) for file_no, file in self.changed.items()}
        for file_no, file in images.items():
            if isinstance(file, ValueFile):  # the limit is kept where LimitedCredit is not enabled, too
                file.limited_credit -= self.refunded.get(file_no, 0)
                if file_no in self.debited:
                    file.limited_credit = self.debited[file_no]
        for file_no, file in app.files.items():
            if isinstance(file, TmacFile):
                images[file_no] = self._stamp(file, uid)
        return images

    def _stamp(self, file: TmacFile, uid: bytes) -> TmacFile:
        mac_key, _ = crypto.tmac_session_keys(file.key, uid, file.counter)
        stamped = deepcopy(file)
        stamped.counter = file.counter + 1
        stamped.mac = crypto.truncate(crypto.cmac(mac_key, bytes(self.tmi)))
        return stamped


def tmac_file(app: Application) -> TmacFile | None:
    """The application's Transaction MAC file, if it has one."""
    return next((file for file in app.files.values() if isinstance(file, TmacFile)), None)
