"""verify.state in the data folder: how far the books were found whole, to go on from there.

JSON, replaced as a whole. It is believed: whoever distrusts it runs verify without --resume.
"""

import json
import os
import time
from pathlib import Path

from host.db.connection import Connection
from host.ledger.verify.rows import link_of
from host.ledger.verify.whole import Whole

FILE_NAME = "verify.state"
EVERY_S = 5
SHARE = 20  # of the time at most one part goes into keeping it


class Kept:
    """The file of one run. path None: nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._due = time.monotonic() + EVERY_S

    def begin(self, connection: Connection, resume: bool) -> Whole:
        """Where to go on; from the very beginning when the file is absent, damaged, or of other books.

        Without `resume` what an earlier run found is forgotten: this one may find something else. OSError.
        """
        if self._path is None:
            return Whole()
        if not resume:
            self._path.unlink(missing_ok=True)
            return Whole()
        try:
            whole = Whole.from_json(json.loads(self._path.read_bytes()))
            fits = all(link_of(connection, s.transaction) == s.link for s in whole.partitions.values())
            return whole if fits else Whole()
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return Whole()

    def keep(self, whole: Whole, now: bool = False) -> None:
        """All of this was found whole. OSError."""
        begun = time.monotonic()
        if self._path is None or (begun < self._due and not now):
            return
        partial = self._path.with_name(f"{self._path.name}.{os.getpid()}.part")
        try:
            partial.write_text(json.dumps(whole.to_json(), separators=(",", ":")), encoding="ascii")
            os.replace(partial, self._path)
        finally:
            partial.unlink(missing_ok=True)
        ended = time.monotonic()
        self._due = ended + max(EVERY_S, SHARE * (ended - begun))
