"""Whether a kiosk may take an image, from its header alone."""

import chooser
from protocol.same import same
from protocol.wire import image, updates


def refusal(secret: bytes, kind: int, header: bytes, mac: bytes, running: bytes, record: list) -> str:
    """Why not, a word for the host; "" when it may. running: the header of what runs, kind: of board, a place
    in protocol.wire.device.BOARDS.

    "mac": it was not offered to this kiosk. "shape": no header. "board": for others. "old": not above the
    lowest allowed. "journal": old or new could not read what the other writes to the journal.
    """
    if not same(updates.mac(secret, header), mac):
        return "mac"
    try:
        new = image.unpack(header)
        old = image.unpack(running)
    except image.ImageError:
        return "shape"
    if not new["boards"] >> kind & 1:
        return "board"
    if new["version"] <= max(record[chooser.FLOOR], old["version"]):
        return "old"
    if not new["reads"] >> old["writes"] & 1 or not old["reads"] >> new["writes"] & 1:
        return "journal"
    return ""
