"""What the journal's slots said before a restart: loaded at the start alone."""

from kiosk import record
from kiosk.ring import CHUNK


def replay(book) -> None:  # type: ignore[no-untyped-def]
    """Find the newest checkpoint and take in what came after the tail it names."""
    ring, serial = book.ring, book.ring.head - 1
    while serial >= book.tail:
        found = ring.brief(serial)
        if found and found[1] == record.CHECKPOINT:
            values = ring.read(serial)
            book.last_uid = values["uid"]
            book.tail, book.held = max(book.tail, values["tmc"]), values["happened_s"]
            book.use(values["ref_epoch"], values["ref_counter"])
            break
        serial -= 1
    for found in scan(ring, book.tail, ring.head):
        book.foreign = book.foreign or found[6] != book.kiosk_no
        book.take(*found)
    if book.paid_at > serial:
        book.last_uid = ring.read(book.paid_at)["uid"]


def scan(ring, first: int, end: int):  # type: ignore[no-untyped-def]
    """Yield every record from serial `first` to before `end`, in short."""
    for serial, buffer in ring.chunks(first, end):
        for offset in range(serial % (CHUNK // record.SIZE) * record.SIZE, CHUNK, record.SIZE):
            found = record.brief(buffer, offset)
            if found and found[0] == serial and serial < end:
                yield found
            serial += 1
