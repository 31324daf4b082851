"""The allow-list in flash, one file a part: the host's message as it came, checked again at each boot.

In memory the settings keep of each part its place alone: part -> (offset, bytes) of the fingerprints in its
file. A look goes through the files, which is worth its time because it is asked for offline sales alone.
`settings.allowed_version`: all that the host had told up to it is here.
"""

from protocol.wire import envelope, kinds, lists, messages
from protocol.wire.mac import MAC_SIZE

PATH = "/allowed.%d"
SCAN = 512  # bytes read at a time: a multiple of a fingerprint


def load(settings) -> None:  # type: ignore[no-untyped-def]
    """What flash holds. A part that is damaged is ignored, and the host tells all of them again."""
    damaged = False
    there = settings.flash.names()
    for part in range(lists.PARTS):
        if PATH[1:] % part not in there:  # looking for each would take longer than all else at a start
            continue
        stored = settings.flash.read_file(PATH % part)
        try:
            _, kind, body = envelope.open_(settings.down_key, messages.DOWN, settings.kiosk, stored)
            values = messages.fields(kind, body)
            if kind != messages.ALLOWED or values["part"] != part:
                raise ValueError("it is another message")
        except ValueError as error:
            print("allowed: part %d is damaged and ignored: %s" % (part, error))
            damaged = True
            continue
        _apply(settings, values, stored)
    if damaged:  # the others still serve
        settings.allowed_version = 0


def _apply(settings, values: dict, message: bytes) -> None:  # type: ignore[no-untyped-def]
    size = len(values["fingerprints"])
    settings.allowed_places[values["part"]] = (len(message) - MAC_SIZE - size, size)
    settings.allowed_version = max(settings.allowed_version, values["version"])


def take(settings, values: dict, message: bytes) -> bool:  # type: ignore[no-untyped-def]
    """An authentic message of this session: durable, then in force. False when it leaves a gap, or cannot be
    kept."""
    if values["version"] <= settings.allowed_version:
        return True  # known: say so again
    if values["after"] > settings.allowed_version:
        return False
    try:
        settings.flash.write_file(PATH % values["part"], message)
    except OSError as error:
        print("allowed: cannot be kept: %s" % error)
        return False
    _apply(settings, values, message)
    return True


def forget(settings) -> None:  # type: ignore[no-untyped-def]
    """The host's newest version is below ours, for it was restored: it tells all again."""
    settings.allowed_version, settings.allowed_places = 0, {}
    for part in range(lists.PARTS):
        settings.flash.remove_file(PATH % part)


def holds(settings, uid: bytes, card_data: bytes) -> bool:  # type: ignore[no-untyped-def]
    """Does a card with this card data file stand in the list?"""
    wanted = lists.fingerprint(lists.list_key(settings.seal_key), lists.seed(uid, card_data))
    for part, (offset, size) in settings.allowed_places.items():
        for piece in settings.flash.pieces(PATH % part, offset, size, SCAN):
            if kinds.has_row(piece, wanted):
                return True
    return False
