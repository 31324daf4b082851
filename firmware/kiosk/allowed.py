"""The allow-list in flash, one file a part: the host's message as it came, checked again at each boot.

Of a part only its place is kept in memory. A look goes through the files, which is worth its time because it
is asked for offline sales alone.
"""

from protocol.wire import envelope, kinds, lists, messages
from protocol.wire.mac import MAC_SIZE

PATH = "/allowed.%d"
SCAN = 512  # bytes read at a time: a multiple of a fingerprint


class Allowed:
    """`version`: all that the host had told up to it is here. flash: names, read_file, write_file,
    remove_file and pieces(path, offset, size, step)."""

    def __init__(self, kiosk: str, down_key: bytes, seal_key: bytes, flash) -> None:  # type: ignore[no-untyped-def]
        self._key, self._flash = lists.list_key(seal_key), flash
        self.version = 0
        self._places: dict = {}  # part -> (offset, bytes) of the fingerprints in its file
        damaged = False
        there = flash.names()
        for part in range(lists.PARTS):
            if PATH[1:] % part not in there:  # looking for each would take longer than all else at a start
                continue
            stored = flash.read_file(PATH % part)
            try:
                _, kind, body = envelope.open_(down_key, messages.DOWN, kiosk, stored)
                values = messages.fields(kind, body)
                if kind != messages.ALLOWED or values["part"] != part:
                    raise ValueError("it is another message")
            except ValueError as error:
                print("allowed: part %d is damaged and ignored: %s" % (part, error))
                damaged = True
                continue
            self._apply(values, stored)
        if damaged:  # the others still serve, and the host tells all parts again
            self.version = 0

    def _apply(self, values: dict, message: bytes) -> None:
        size = len(values["fingerprints"])
        self._places[values["part"]] = (len(message) - MAC_SIZE - size, size)
        self.version = max(self.version, values["version"])

    def take(self, values: dict, message: bytes) -> bool:
        """An authentic message of this session: durable, then in force. False when it leaves a gap, or cannot
        be kept."""
        if values["version"] <= self.version:
            return True  # known: say so again
        if values["after"] > self.version:
            return False
        try:
            self._flash.write_file(PATH % values["part"], message)
        except OSError as error:
            print("allowed: cannot be kept: %s" % error)
            return False
        self._apply(values, message)
        return True

    def follow(self, newest: int) -> bool:
        """What the host calls its newest version. When ours is newer it was restored: forget all, and True,
        so that it tells all again."""
        if newest >= self.version:
            return False
        self.version, self._places = 0, {}
        for part in range(lists.PARTS):
            self._flash.remove_file(PATH % part)
        return True

    def holds(self, uid: bytes, card_data: bytes) -> bool:
        """Does a card with this card data file stand in the list?"""
        wanted = lists.fingerprint(self._key, lists.seed(uid, card_data))
        for part, (offset, size) in self._places.items():
            for piece in self._flash.pieces(PATH % part, offset, size, SCAN):
                if kinds.has_row(piece, wanted):
                    return True
        return False
